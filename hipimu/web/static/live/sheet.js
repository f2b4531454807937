// What the dot opens: sensors one by one, and the settings.

import { $, choose, fill, make, onChoice, put, set, show } from "./dom.js";
import { change, settings } from "./settings.js";
import { age, capital, percent, role } from "./words.js";

const makeSensor = () =>
  make(
    "li", "", "",
    make("p", "head", "", make("span", "shape"), make("b", "role"), make("span", "link")),
    make("p", "numbers"),
    make("p", "why"),
  );

const seen = (battery) => (battery === null ? "battery not known" : `battery ${percent(battery)}`);

function writeSensor(node, sensor) {
  const up = sensor.link === "up";
  set(node, "data-up", up ? "" : null);
  put($(".shape", node), up ? "\u25CF" : "\u25A0");
  put($(".role", node), role(sensor.sensor));
  put($(".link", node), up ? sensor.device : capital(sensor.phase));
  put(
    $(".numbers", node),
    `lost ${percent(sensor.loss_percent, 1)} \u00B7 last ${age(sensor.age_s)} ago \u00B7 ${seen(sensor.battery_percent)}`,
  );
  put($(".why", node), words(sensor));
}

function words({ why, drops, absent, clipped_percent: clipped, rate_hz: rate }) {
  const parts = [`${Math.round(rate)} samples/s`];
  if (clipped > 0) parts.push(`${percent(clipped, 1)} at the end of its range`);
  if (drops) parts.push(drops === 1 ? "link lost once" : `link lost ${drops} times`);
  if (why) parts.push(why);
  if (absent) parts.push("the others go on without it");
  return parts.join(" \u00B7 ");
}

export class Sheet {
  constructor({ send, sound, awake, latency }) {
    Object.assign(this, { send, sound, awake, latency });
    this.dialog = $("#sheet");
    for (const button of ["#dot", "#warning"]) $(button).addEventListener("click", () => this.open());
    $("#close").addEventListener("click", () => this.dialog.close());
    this.dialog.addEventListener("click", (event) => event.target === this.dialog && this.dialog.close());
    this.dialog.addEventListener("close", () => this.sure(false));
    this.settings();
    this.stopping();
  }

  open() {
    this.dialog.showModal();
    this.draw(this.state);
  }

  settings() {
    $("#sound").addEventListener("change", ({ target }) => this.sound.turn(target.checked));
    $("#sound-test").addEventListener("click", () => this.test());
    $("#machine-sound").addEventListener("change", ({ target }) =>
      this.send({ type: "sound", on: target.checked }),
    );
    $("#awake").addEventListener("change", ({ target }) => {
      change("screen", target.checked);
      this.awake.apply();
    });
    onChoice($("#theme"), (value) => change("theme", value));
    onChoice($("#units"), (value) => change("units", value));
  }

  /** A test switches sound on: whoever asks for it wants to hear it. */
  async test() {
    await this.sound.turn(true);
    this.sound.test();
  }

  stopping() {
    $("#stop").addEventListener("click", () => this.sure(true));
    $("#stop-no").addEventListener("click", () => this.sure(false));
    $("#stop-yes").addEventListener("click", () => {
      if (this.send({ type: "stop" })) this.dialog.close();
      else put($("#stop-said"), "Not stopped: there is no connection to the computer.");
    });
  }

  sure(asked) {
    show($("#stop"), !asked);
    show($("#stop-sure"), asked);
    put($("#stop-said"), "Stop the run? It is saved and analysed; it cannot go on.");
    if (asked) $("#stop-no").focus();
  }

  draw(state) {
    this.state = state;
    if (!this.dialog.open) return;
    choose($("#theme"), settings.theme);
    choose($("#units"), settings.units);
    $("#sound").checked = this.sound.wished;
    $("#awake").checked = settings.screen;
    put($("#sound-said"), this.sound.said());
    put($("#awake-said"), this.awake.said());
    if (state) this.facts(state);
  }

  facts(state) {
    put($("#dot-said"), state.dot_said);
    fill($("#sensors"), state.sensors, makeSensor, writeSensor);
    show($("#warnings-part"), state.warnings.length > 0);
    fill($("#warnings"), state.warnings, () => make("li"), put);
    $("#machine-sound").checked = state.sound;
    put($("#viewers"), String(state.viewers));
    put($("#name"), state.run_name);
    const delay = this.latency.p95();
    put($("#delay"), delay === null ? "not known yet" : `${Math.round(delay)} ms`);
    show($("#stop-part"), state.phase === "start" || state.phase === "running");
  }
}
