// Lap buttons: a press is felt at once, and what is shown follows the computer.

import { $, all, put, set } from "./dom.js";
import { now } from "./clock.js";

const PACE_OF = { easy: "easy", fast: "fast", rest: "other" };
const AGAIN_MS = 300;
const TAKEN_MS = 3000;
const FELT_MS = 30;

const marks = (laps) => laps.map(([start, , label]) => `${start} ${label}`).join();

export class LapButtons {
  /** `send` returns whether it went; `told` is given a sentence when a press came to nothing. */
  constructor(send, told) {
    Object.assign(this, { send, told });
    this.state = null;
    this.up = false;
    this.waits = null;
    this.pressed = 0;
    $("#laps").addEventListener("click", ({ target }) => {
      const mark = target.closest("button")?.dataset.mark;
      if (mark) this.press(mark);
    });
  }

  press(mark) {
    if (now() - this.pressed < AGAIN_MS) return;
    this.pressed = now();
    if (!this.up || !this.send({ type: "mark", mark })) {
      this.told("Not marked: there is no connection to the computer.");
      return;
    }
    navigator.vibrate?.(FELT_MS);
    this.waits = { mark, laps: marks(this.state.laps), since: now() };
    this.draw();
  }

  take(state) {
    this.state = state;
    if (!this.waits) return;
    const { mark, laps, since } = this.waits;
    const taken = marks(state.laps) !== laps || state.pace === PACE_OF[mark];
    if (taken && now() - since > AGAIN_MS) this.waits = null;
    else if (now() - since > TAKEN_MS) this.gone(mark);
  }

  gone(mark) {
    this.waits = null;
    this.told(`The computer did not take "${mark}". Press again.`);
  }

  draw() {
    const { state, waits } = this;
    const byButton = state.pace_source === "button" ? state.pace : null;
    for (const button of all("#laps button")) {
      const { mark } = button.dataset;
      set(button, "data-sent", waits?.mark === mark ? "" : null);
      const off = !this.up || (mark === "undo" && !state.laps.length);
      set(button, "aria-disabled", off ? "true" : null);
      if (mark !== "undo") set(button, "aria-pressed", String(byButton === PACE_OF[mark]));
    }
    const last = state.laps.at(-1)?.[2];
    set($("#laps [data-mark=undo]"), "aria-label", last ? `Undo the last lap, ${last}` : "Undo");
    put($("#laps [data-mark=undo]"), "Undo");
  }
}
