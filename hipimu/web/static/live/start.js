// The guided start: one step large, the others as a line of dots.

import { now } from "./clock.js";
import { $, fill, make, put, set, show, style } from "./dom.js";
import { role } from "./words.js";

const TITLES = {
  sensors: "Sensors",
  put_on: "Put them on",
  stand: "Stand still",
  lift: "Lift the left knee",
  walk: "Walk",
  ready: "Ready",
};
const BUTTONS = { put_on: "They are on", ready: "Show the numbers" };
/** Without sensors and without gait there is nothing to go on with. */
const SKIPPED = ["stand", "lift"];
const TAKEN_MS = 2000;
/** Who runs has read enough. */
const BEGUN_STRIDES = 6;
const GOING = {
  stand: ["Still. Stay like this.", "Not still yet."],
  lift: ["Seen.", "Nothing seen yet."],
  walk: ["Walking.", "Waiting for steps."],
};

function writeStep(node, { step, place, at }) {
  const how = place < at ? "done" : place === at ? "now" : "later";
  set(node, "data-how", how);
  set(node, "aria-current", how === "now" ? "step" : null);
  set(node, "aria-label", `${TITLES[step] ?? step}${how === "done" ? ", done" : ""}`);
}

function writeSensor(node, sensor) {
  const there = sensor.phase === "streaming";
  const battery = sensor.battery_percent;
  set(node, "data-there", there ? "" : null);
  put($(".shape", node), there ? "\u2713" : "\u2026");
  put($(".role", node), role(sensor.sensor));
  put($(".state", node), there ? battery === null ? "found" : `battery ${Math.round(battery)} %` : sensor.why || sensor.phase);
}

const makeSensor = () =>
  make("li", "", "", make("span", "shape"), make("span", "role"), make("span", "state"));

export class StartView {
  constructor(send, changed) {
    this.changed = changed;
    for (const button of ["#proceed", "#skip"]) {
      $(button).addEventListener("click", () => this.proceed(send));
    }
    this.sent = null;
    this.saw = false;
    this.laps = 0;
  }

  proceed(send) {
    if (this.phase === "running") this.saw = false;
    else if (this.step !== this.sent && send({ type: "proceed" })) {
      this.sent = this.step;
      this.sentAt = now();
    }
    this.changed();
  }

  /** Whether this view is due: before the run, and after it until what was found has been read. */
  isDue({ phase, laps, running_strides: strides }) {
    if (phase === "start") [this.saw, this.laps] = [true, laps.length];
    else if (phase !== "running" || strides >= BEGUN_STRIDES || laps.length !== this.laps) this.saw = false;
    return this.saw;
  }

  draw({ start, sensors, phase }) {
    if (this.step !== start.step || now() - this.sentAt > TAKEN_MS) this.sent = null;
    Object.assign(this, { step: start.step, phase });
    const at = start.steps.indexOf(start.step);
    fill($("#steps"), start.steps.map((step, place) => ({ step, place, at })), () => make("li"), writeStep);
    put($("#step-title"), TITLES[start.step] ?? start.step);
    put($("#step-said"), start.said);
    put($("#step-problem"), start.problem);
    set($("#step-problem"), "data-there", start.problem ? "" : null);
    this.stage(start, sensors);
    this.going(start);
    this.buttons();
  }

  stage(start, sensors) {
    const timed = start.needed_s > 0;
    show($("#step-sensors"), start.step === "sensors");
    show($("#wearing"), start.step === "put_on");
    show($("#lifting"), start.step === "lift");
    show($("#ring"), timed);
    show($("#found"), start.step === "ready");
    if (start.step === "sensors") fill($("#step-sensors"), sensors, makeSensor, writeSensor);
    if (timed) this.ring(start);
    fill($("#found"), start.found, () => make("li"), put);
  }

  ring({ done_s: done, needed_s: needed, going }) {
    const part = Math.min(1, done / needed);
    put($("#ring-number"), String(Math.max(0, Math.ceil(needed - done))));
    style($("#ring-done"), "stroke-dasharray", `${(100 * part).toFixed(1)} 200`);
    set($("#ring"), "data-going", going ? "" : null);
  }

  going({ step, going, problem }) {
    const [yes, no] = GOING[step] ?? ["", ""];
    show($("#step-going"), step in GOING);
    put($("#step-going"), problem ? "" : going ? yes : no);
  }

  buttons() {
    const big = BUTTONS[this.step];
    const sent = this.sent === this.step;
    show($("#proceed"), Boolean(big));
    put($("#proceed"), big ?? "");
    show($("#skip"), SKIPPED.includes(this.step));
    for (const button of ["#proceed", "#skip"]) set($(button), "data-sent", sent ? "" : null);
  }
}
