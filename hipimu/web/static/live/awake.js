// Keeps the screen on where the browser allows it, and says how where it does not.

import { settings } from "./settings.js";

const HELP = "set the phone's screen to stay on for its longest time while you run";

export class Awake {
  constructor(changed) {
    this.changed = changed;
    this.lock = null;
    this.refused = false;
    document.addEventListener("visibilitychange", () => this.apply());
    // Some browsers only grant it after a touch.
    document.addEventListener("pointerup", () => this.refused && this.apply());
    this.apply();
  }

  async apply() {
    if (!settings.screen) {
      await this.lock?.release();
      this.lock = null;
    } else if (navigator.wakeLock && !document.hidden && !(this.lock && !this.lock.released)) {
      await this.ask();
    }
    this.changed();
  }

  async ask() {
    try {
      this.lock = await navigator.wakeLock.request("screen");
      this.lock.addEventListener("release", () => this.changed());
      this.refused = false;
    } catch {
      // Low battery, or the page is not seen: asked again when it is.
      this.refused = true;
    }
  }

  said() {
    if (!settings.screen) return "The screen may go dark as the phone likes.";
    if (this.lock && !this.lock.released) return "The screen stays on while this page is in front.";
    if (!window.isSecureContext) {
      return `A browser keeps the screen on only for https pages. Open the https address that hipimu live shows, or ${HELP}.`;
    }
    if (!navigator.wakeLock) return `This browser cannot keep the screen on: ${HELP}.`;
    return `The phone did not allow it, perhaps to save battery: ${HELP}.`;
  }
}
