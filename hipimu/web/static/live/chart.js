// The run so far: peaks over time, coloured by pace, left solid and right dashed.

import { $, choose, colour, onChoice, put } from "./dom.js";
import { bins, usable } from "./bins.js";
import { paint } from "./paint.js";
import { change, settings } from "./settings.js";
import { clock, degrees } from "./words.js";

const LAST_S = 300;
const LEAST_BIN_S = 3;
const BIN_PX = 5;
const REDRAW_MS = 1000;
const LEAST_SPAN_DEG = 10;
const DEGREES = [1, 2, 5, 10, 20];
const TIMES_S = [5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600];
const TITLES = { peak_flexion: "Peak flexion", peak_extension: "Peak extension" };
const NAMES = { peak_flexion: "flexion \u2191", peak_extension: "extension \u2191" };
const UNTOUCHED = "Touch the chart to read a moment.";

/** uPlot makes a number format of the browser's language, and "C" or "en-US@posix" is none. */
function guardLocale() {
  try {
    Intl.NumberFormat(navigator.language);
  } catch {
    Object.defineProperty(navigator, "language", { value: "en", configurable: true });
  }
}

function loadPlot() {
  guardLocale();
  return new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = "/static/vendor/uplot/uPlot.iife.min.js";
    script.onload = () => resolve(window.uPlot);
    script.onerror = reject;
    document.head.append(script);
  });
}

export class ChartView {
  constructor(history) {
    this.history = history;
    this.stale = true;
    this.drawnAt = -Infinity;
    this.laps = "";
    this.points = [];
    this.box = $("#plot");
    loadPlot().then((uPlot) => (this.uPlot = uPlot)).catch(() => put($("#readout"), "The chart could not be loaded. Reload this page."));
    new ResizeObserver(() => this.resize()).observe(this.box);
    onChoice($("#span"), (value) => change("span", value));
    this.box.addEventListener("keydown", (event) => this.key(event));
  }

  recolour() {
    this.plot?.destroy();
    this.plot = null;
    this.stale = true;
    this.drawnAt = -Infinity;
  }

  resize() {
    const { clientWidth: width, clientHeight: height } = this.box;
    if (this.plot && width && height) this.plot.setSize({ width, height });
  }

  /** Draws anew when there are new strides or laps, but never more than once a second. */
  draw(state) {
    const laps = state.laps.map(([start, , label]) => `${start} ${label}`).join();
    const asked = laps !== this.laps || settings.outcome !== this.outcome || settings.span !== this.span;
    const due = this.stale && performance.now() - this.drawnAt >= REDRAW_MS;
    if (!this.uPlot || (!asked && !due && this.plot)) return;
    Object.assign(this, { stale: false, drawnAt: performance.now(), laps });
    Object.assign(this, { outcome: settings.outcome, span: settings.span });
    choose($("#span"), settings.span);
    put($("#chart-title"), TITLES[this.outcome]);
    this.compute(state);
    this.show();
  }

  compute(state) {
    const begin = this.span === "last" ? state.t_s - LAST_S : -Infinity;
    const { found, aside } = usable(this.history, state.laps, this.outcome, begin);
    const first = found.length ? found[0].t : 0;
    this.times = [this.span === "last" ? Math.max(0, begin) : Math.max(0, first - 1), Math.max(state.t_s, first + 10)];
    this.times[1] += 0.02 * (this.times[1] - this.times[0]);
    const width = Math.max(200, this.box.clientWidth);
    this.width = Math.max(LEAST_BIN_S, ((this.times[1] - this.times[0]) * BIN_PX) / width);
    this.strides = found;
    this.points = bins(found, this.width);
    this.values = this.range();
    put($("#chart-reading"), `Lower towards the right = range lost. ${found.length} strides${aside ? `, ${aside} set aside` : ""}.`);
  }

  /** Degrees to show: all medians, and most of the strides about them. */
  range() {
    const values = this.points.flatMap(({ left, right }) => [left, right]).filter((v) => v !== null);
    if (!values.length) return [0, 60];
    let [low, high] = [Math.min(...values) - 2, Math.max(...values) + 2];
    const missing = LEAST_SPAN_DEG - (high - low);
    if (missing > 0) [low, high] = [low - missing / 2, high + missing / 2];
    return [Math.floor(low / 2) * 2, Math.ceil(high / 2) * 2];
  }

  data() {
    const column = (name) => this.points.map((point) => point[name]);
    return [column("t"), column("left"), column("right")];
  }

  show() {
    if (!this.plot) this.plot = this.make();
    else this.plot.setData(this.data());
  }

  make() {
    const plot = new this.uPlot(this.options(), this.data(), this.box);
    plot.over.addEventListener("pointerdown", (event) => this.touch(event));
    plot.over.addEventListener("pointermove", (event) => this.touch(event));
    return plot;
  }

  options() {
    const [ink, muted, grid] = ["ink", "muted", "grid"].map(colour);
    const font = "12px system-ui, sans-serif";
    const axis = { stroke: muted, font, labelFont: font, grid: { stroke: grid, width: 1 }, ticks: { show: false } };
    const side = { stroke: ink, paths: () => null, points: { show: false } };
    return {
      width: this.box.clientWidth,
      height: this.box.clientHeight,
      padding: [8, 10, 0, 0],
      legend: { show: false },
      cursor: this.cursor(),
      scales: { x: { time: false, range: () => this.times }, y: { range: () => this.values } },
      axes: [
        { ...axis, size: 26, gap: 4, incrs: TIMES_S, space: 64, values: (_, ticks) => ticks.map(clock) },
        { ...axis, size: 40, gap: 4, incrs: DEGREES, space: 28, values: (_, ticks) => ticks.map((v) => `${v}°`), label: NAMES[this.outcome], labelSize: 18, labelGap: 0 },
      ],
      series: [{}, side, side],
      hooks: {
        draw: [(plot) => paint(plot, this)],
        setCursor: [(plot) => this.read(plot.cursor.idx)],
      },
    };
  }

  /** A finger that left the glass has read nothing yet: its crosshair stays. */
  cursor() {
    const stays = (plot, target, handle) => (event) => (this.touched ? null : handle(event));
    return {
      y: false,
      drag: { x: false, y: false },
      points: { size: 9, width: 2, fill: "transparent" },
      bind: { mouseleave: stays },
    };
  }

  touch({ pointerType, clientX, clientY }) {
    this.touched = pointerType !== "mouse";
    if (!this.touched) return;
    const box = this.plot.over.getBoundingClientRect();
    this.plot.setCursor({ left: clientX - box.left, top: clientY - box.top });
  }

  key(event) {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!step || !this.plot || !this.points.length) return;
    event.preventDefault();
    const idx = this.plot.cursor.idx ?? (step > 0 ? -1 : this.points.length);
    const next = Math.min(this.points.length - 1, Math.max(0, idx + step));
    this.plot.setCursor({ left: this.plot.valToPos(this.points[next].t, "x"), top: 0 });
  }

  read(place) {
    const point = this.points[place];
    if (!point) return put($("#readout"), UNTOUCHED);
    const side = (name) => (point[name] === null ? "" : ` \u00B7 ${name} ${degrees(point[name])}°`);
    const strides = point.count === 1 ? "1 stride" : `${point.count} strides`;
    return put($("#readout"), `${clock(point.t)} ${point.pace}${side("left")}${side("right")} (${strides})`);
  }
}
