// The live page: what comes over the socket is drawn at most once a frame.

import { $, all, put, set, show } from "./dom.js";
import { Awake } from "./awake.js";
import { Connection } from "./connection.js";
import { ChartView } from "./chart.js";
import { Freshness } from "./freshness.js";
import { History } from "./history.js";
import { LapButtons } from "./laps.js";
import { Latency } from "./latency.js";
import { NowView, drawPace } from "./now.js";
import { Sheet } from "./sheet.js";
import { Sound } from "./sound.js";
import { StartView } from "./start.js";
import { drawEnd } from "./end.js";
import { change, settings } from "./settings.js";
import { HEALTH } from "./words.js";

const TICK_MS = 500;
const TOLD_MS = 6000;
const OVER = ["finishing", "done", "failed"];
const TAGS = { virtual: "Simulated: no runner behind these numbers", replay: "Replay of a recording" };

const history = new History();
const freshness = new Freshness();
const now = new NowView();
let welcome = null;
let state = null;
let frame = null;
let told = { text: "", until: 0 };

const connection = new Connection({
  have: () => ({ run: history.run, have: history.length }),
  take,
  changed: () => request(),
});
const send = (message) => connection.send(message);
const latency = new Latency(connection.clock);
const sound = new Sound(request);
const awake = new Awake(request);
const laps = new LapButtons(send, tell);
const start = new StartView(send, request);
const chart = new ChartView(history);
const sheet = new Sheet({ send, sound, awake, latency });

const takes = {
  welcome(message) {
    welcome = message;
    history.welcome(message.run, message.keep);
    now.build(message.sides);
  },
  strides(message) {
    if (history.add(message.from, message.strides)) chart.stale = true;
    else connection.again();
  },
  state(message) {
    if (state?.phase === "running" && OVER.includes(message.phase)) change("view", "now");
    state = { ...message, run_name: welcome.name };
    freshness.take(state);
    laps.take(state);
    sound.take(state, welcome.run);
  },
};

function take(message) {
  takes[message.type]?.(message);
  request();
}

function request() {
  frame ??= requestAnimationFrame(draw);
}

/** Says something for a few seconds. */
function tell(text) {
  told = { text, until: performance.now() + TOLD_MS };
  request();
}

const over = () => Boolean(state) && OVER.includes(state.phase);
const view = () => (settings.view === "chart" ? "chart" : "now");

function part() {
  if (!state) return "waiting";
  if (start.isDue(state)) return "start";
  if (over() && view() !== "chart") return "end";
  return view();
}

function draw() {
  frame = null;
  const shown = part();
  set(document.body, "data-part", shown);
  for (const id of ["waiting", "start", "now", "chart", "end"]) show($("#" + id), id === shown);
  drawFrame();
  drawBar();
  sheet.draw(state);
  if (!state) return;
  laps.up = connection.up && state.phase === "running";
  laps.draw();
  drawPace(state, freshness.allStale());
  drawDot();
  drawPart[shown]?.();
  latency.painted(state);
  if (state.number !== window.hipimuLive.drawn.number) window.hipimuLive.drawn.frames += 1;
  window.hipimuLive.drawn.number = state.number;
}

const drawPart = {
  start: () => start.draw(state),
  now: () => now.draw(state, freshness),
  chart: () => chart.draw(state),
  end: () => drawEnd(state, connection.up),
};

function drawFrame() {
  const tag = welcome && (TAGS[welcome.mode] ?? (welcome.simulated ? TAGS.virtual : ""));
  show($("#tag"), Boolean(tag));
  put($("#tag"), tag || "");
  set(document.body, "data-over", over() ? "" : null);
  set(document.body, "data-running", state?.phase === "running" ? "" : null);
  for (const button of all("#nav button")) {
    const now = over() ? "end" : settings.outcome;
    const { value } = button;
    show(button, value === "chart" || (value === "end") === over());
    set(button, "aria-current", value === (view() === "chart" ? "chart" : now) ? "page" : null);
  }
  set($("#sound-button"), "aria-pressed", String(sound.wished));
  set($("#sound-button"), "aria-label", sound.wished && !sound.on ? "Sound is paused: touch" : "Sound");
  set($("#sound-button"), "data-paused", sound.wished && !sound.on ? "" : null);
}

function drawDot() {
  const lost = freshness.allStale();
  const [shape, word] = lost ? ["?", "no news"] : HEALTH[state.dot] ?? HEALTH.attention;
  put($("#dot-shape"), shape);
  put($("#dot-word"), word);
  set($("#dot"), "data-dot", lost ? "none" : state.dot);
}

/** One calm line for what the numbers cannot say. */
function barSaid() {
  if (performance.now() < told.until) return told.text;
  if (over() && !connection.up) {
    return "hipimu on the computer has ended; recording and report are kept there. Trying again …";
  }
  if (!connection.up && connection.refused) return `${connection.refused} Trying again …`;
  if (!connection.up && (state || connection.tries > 0)) {
    return "No connection to the computer: the recording goes on there. Trying again …";
  }
  if (welcome && welcome.version !== 1) return "hipimu on the computer is another version. Reload this page.";
  if (state && freshness.allStale()) return "The computer sends nothing just now.";
  return "";
}

function drawBar() {
  const text = barSaid();
  put($("#bar"), text);
  show($("#bar"), Boolean(text));
}

function applyTheme() {
  if (settings.theme === "auto") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = settings.theme;
  chart.recolour();
}

function go(value) {
  if (value === "chart") change("view", "chart");
  else {
    if (value !== "end") change("outcome", value);
    change("view", "now");
  }
}

function swipes(node) {
  let from = null;
  node.addEventListener("touchstart", ({ touches, target }) => {
    const alone = touches.length === 1 && !target.closest("#plot");
    from = alone ? [touches[0].clientX, touches[0].clientY] : null;
  }, { passive: true });
  node.addEventListener("touchend", ({ changedTouches }) => {
    if (!from) return;
    const [dx, dy] = [changedTouches[0].clientX - from[0], changedTouches[0].clientY - from[1]];
    if (Math.abs(dx) < 60 || Math.abs(dy) > 0.6 * Math.abs(dx)) return;
    change("view", dx < 0 ? "chart" : "now");
  }, { passive: true });
}

$("#nav").addEventListener("click", ({ target }) => target.value && go(target.value));
$("#end-chart").addEventListener("click", () => go("chart"));
$("#sound-button").addEventListener("click", () => sound.turn(!sound.on));
swipes($("main"));
document.addEventListener("setting", ({ detail }) => {
  if (detail === "theme") applyTheme();
  chart.stale = true;
  request();
});
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => chart.recolour());
setInterval(() => {
  sound.watch(connection.lostAt);
  request();
}, TICK_MS);
applyTheme();

/** For measurements and for whoever looks under the bonnet. */
window.hipimuLive = {
  latency_ms: latency.values,
  history,
  chart,
  sound,
  connection,
  drawn: { frames: 0, number: -1 },
};
