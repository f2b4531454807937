// The main view: two numbers, and whether they are still what they were when fresh.

import { $, put, set, show, style } from "./dom.js";
import { settings } from "./settings.js";
import { ago, capital, clock, degrees, pace, paceUnit, whole } from "./words.js";

const OTHER = { peak_flexion: "peak_extension", peak_extension: "peak_flexion" };
const NAMES = { peak_flexion: "flexion", peak_extension: "extension" };
/** Of the line on which the present hip angle moves. */
const HIP_DEG = [-30, 70];
/** Half the width of the scale about the baseline: four detectable changes, at least this. */
const REACH_DEG = 8;

const share = (value, low, high) => Math.min(1, Math.max(0, (value - low) / (high - low)));
const moved = (part) => `translateX(${(100 * part).toFixed(1)}%)`;

/** What is said of a peak: [how, words, spoken of a change beyond doubt]. */
export function verdict(peak, pace) {
  if (!pace) return ["ask", "press easy or fast"];
  const baseline = peak?.baseline;
  if (!baseline) return ["plain", pace === "other" ? "not compared at rest" : "learning your fresh range"];
  if (baseline.value === null) {
    return ["plain", `learning: ${baseline.strides} of ${baseline.needed} strides`];
  }
  if (peak.value === null) return ["plain", "waiting for strides"];
  const change = peak.value - baseline.value;
  if (Math.abs(change) <= baseline.detectable) return ["held", "as fresh"];
  const size = degrees(Math.abs(change));
  return change < 0 ? ["less", `\u25BC ${size}° less`] : ["more", `\u25B2 ${size}° more`];
}

class Card {
  constructor(side, parent) {
    this.side = side;
    const node = $("#card").content.cloneNode(true).firstElementChild;
    this.node = parent.appendChild(node);
    const at = (selector) => $(selector, node);
    Object.assign(this, {
      value: at(".number .value"),
      number: at(".number"),
      verdict: at(".verdict"),
      words: at(".verdict .words"),
      band: at(".band"),
      learnt: at(".learnt"),
      mark: at(".scale .shift"),
      low: at(".low"),
      middle: at(".middle"),
      high: at(".high"),
      pointer: at(".hip .shift"),
      smallLine: at(".small"),
      small: at(".small .value"),
      smallName: at(".small .name"),
      smallChange: at(".small .change"),
    });
    put(at(".side"), capital(side));
    style(at(".neutral"), "left", `${100 * share(0, ...HIP_DEG)}%`);
    this.last = {};
    this.place(null);
  }

  place(value, low = 0, high = 1) {
    set(this.mark, "data-there", value === null ? null : "");
    if (value !== null) style(this.mark, "transform", moved(share(value, low, high)));
  }

  /** The value to show: of a side that does not deliver, the last there was. */
  valueOf(outcome, peak, stale) {
    if (!stale || peak?.value != null) this.last[outcome] = peak?.value ?? null;
    return this.last[outcome] ?? null;
  }

  draw(state, freshness) {
    const peaks = Object.fromEntries(
      state.peaks.filter(({ side }) => side === this.side).map((peak) => [peak.outcome, peak]),
    );
    const stale = freshness.isStale(this.side);
    const outcome = settings.outcome;
    this.large(outcome, peaks[outcome], state.pace, stale && freshness.ageOf(this.side));
    this.little(OTHER[outcome], peaks[OTHER[outcome]], state.pace, stale);
    this.hip(stale ? null : state.angle[this.side]);
    set(this.node, "data-stale", stale ? "" : null);
    set(this.node, "aria-label", `${capital(this.side)} hip, peak ${NAMES[outcome]}`);
  }

  large(outcome, peak, pace, oldBy) {
    const stale = oldBy !== false;
    const value = this.valueOf(outcome, peak, stale);
    const [how, words] = stale ? ["stale", ago(oldBy)] : verdict(peak, pace);
    put(this.value, degrees(value));
    set(this.number, "data-none", value === null ? "" : null);
    set(this.verdict, "data-how", how);
    put(this.words, words);
    this.scale(peak?.baseline ?? null, value, pace);
  }

  scale(baseline, value, pace) {
    const known = baseline && baseline.value !== null;
    show(this.band, known);
    set(this.node, "data-baseline", known ? "known" : baseline ? "learning" : "none");
    style(this.learnt, "width", baseline ? `${100 * share(baseline.strides, 0, baseline.needed)}%` : "0");
    if (!known) {
      this.place(null);
      put(this.low, "");
      put(this.middle, baseline ? `fresh at ${pace} pace` : "");
      put(this.high, "");
      return;
    }
    const reach = Math.max(REACH_DEG, Math.ceil(4 * baseline.detectable));
    style(this.band, "width", `${(100 * baseline.detectable) / reach}%`);
    this.place(value, baseline.value - reach, baseline.value + reach);
    put(this.low, degrees(-reach).replace(".0", ""));
    put(this.middle, `fresh ${degrees(baseline.value)}°`);
    put(this.high, `+${reach}`);
  }

  little(outcome, peak, pace, stale) {
    const value = this.valueOf(outcome, peak, stale);
    const [how, words] = stale ? ["stale", ""] : verdict(peak, pace);
    put(this.smallName, NAMES[outcome]);
    put(this.small, degrees(value));
    set(this.smallLine, "data-none", value === null ? "" : null);
    put(this.smallChange, { held: "=", less: words.split("°")[0], more: words.split("°")[0] }[how] ?? "");
  }

  hip(angle) {
    const there = angle !== null && angle !== undefined;
    set(this.pointer, "data-there", there ? "" : null);
    if (there) style(this.pointer, "transform", moved(share(angle, ...HIP_DEG)));
  }
}

const PACE_WORDS = { easy: "Easy", fast: "Fast", other: "Rest" };

/** How wide such a number is in this phone's typeface, in its own size: the cards are filled. */
function numberWidth() {
  const ctx = document.createElement("canvas").getContext("2d");
  ctx.font = `700 100px ${getComputedStyle(document.body).fontFamily}`;
  return (ctx.measureText("88.8").width + ctx.measureText("°").width / 2) / 100;
}

export class NowView {
  constructor() {
    this.cards = [];
    this.sides = "";
    style(document.documentElement, "--number-width", numberWidth().toFixed(3));
  }

  /** One card each side, made anew only when the sides of the run are others. */
  build(sides) {
    if (this.sides === sides.join()) return;
    this.sides = sides.join();
    $("#cards").replaceChildren();
    this.cards = sides.map((side) => new Card(side, $("#cards")));
    set($("#cards"), "data-sides", String(sides.length));
  }

  draw(state, freshness) {
    for (const card of this.cards) card.draw(state, freshness);
    this.facts(state, freshness.allStale());
    put($("#so-far"), state.so_far);
    const [first] = state.warnings;
    show($("#warning"), Boolean(first));
    if (first) put($("#warning"), `\u25B2 ${first}`);
  }

  facts(state, stale) {
    put($("#elapsed"), clock(state.t_s));
    put($("#strides"), whole(state.running_strides));
    put($("#cadence"), whole(state.cadence_spm));
    put($("#speed"), pace(state.speed_m_s, settings.units));
    put($("#speed-unit"), paceUnit(settings.units));
    put($("#heart"), whole(state.heart_rate_bpm));
    set($("#now"), "data-stale", stale ? "" : null);
  }
}

/** The pace and how long it has lasted, above the lap buttons. */
export function drawPace(state, stale) {
  const lap = state.laps.at(-1);
  const word = state.pace === "other" && state.pace_source === "foot_pod" ? "Other" : PACE_WORDS[state.pace];
  put($("#pace-word"), word ?? "No pace");
  put($("#pace-time"), state.pace && lap ? clock(state.t_s - lap[0]) : "");
  set($("#pace"), "data-pace", state.pace ?? "none");
  set($("#pace"), "data-stale", stale ? "" : null);
}
