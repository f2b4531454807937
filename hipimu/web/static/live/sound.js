// Tones and words. Off until somebody switches it on: browsers play nothing before a tap.

import { now } from "./clock.js";
import { remember, tab } from "./settings.js";

const CLIPS = ["left-down", "right-down", "range-back", "easy", "fast", "rest", "ready", "check-sensors"];
const PAN = { left: -0.8, right: 0.8 };
const A5 = 880;
const E5 = 659;
const A4 = 440;
const TONES = {
  range_down: [A5, E5],
  range_back: [E5, A5],
  soft: [A4],
  lost: [A4, A4 * 0.75],
};
const TONE_S = 0.16;
const GAP_S = 0.06;
const LOUD = 0.35;
const SOFT = 0.15;
/** A cue older than this, when the page comes back, is no news. */
const OLD_CUE_S = 3;
const LOST_MS = 10_000;
const SENSORS_AGAIN_MS = 60_000;

export class Sound {
  constructor(changed) {
    this.changed = changed;
    this.context = null;
    this.clips = {};
    this.before = null;
    this.lostTold = false;
    this.sensorsTold = -Infinity;
    /** What was played, for people who wonder. */
    this.played = [];
    if (tab.sound) addEventListener("pointerdown", () => tab.sound && this.unlock(), { once: true });
    document.addEventListener("visibilitychange", () => this.wake());
  }

  /** Whether sound comes out, not only whether it was wished. */
  get on() {
    return Boolean(tab.sound) && this.context?.state === "running";
  }

  get wished() {
    return Boolean(tab.sound);
  }

  async turn(on) {
    remember("sound", on);
    if (on) await this.unlock();
    else await this.context?.suspend();
    this.changed();
  }

  async unlock() {
    this.context ??= this.open();
    await this.context.resume();
    this.changed();
  }

  open() {
    const context = new AudioContext();
    context.onstatechange = () => this.changed();
    for (const name of CLIPS) this.fetch(context, name);
    return context;
  }

  async fetch(context, name) {
    try {
      const answer = await fetch(`/static/sounds/${name}.wav`);
      if (answer.ok) this.clips[name] = await context.decodeAudioData(await answer.arrayBuffer());
    } catch {
      // The tones alone say enough.
    }
  }

  /** A phone call or a locked screen stops an AudioContext. */
  wake() {
    if (!document.hidden && tab.sound) this.context?.resume().catch(() => {});
  }

  play(pattern, clip = null, side = null) {
    if (!this.on) return;
    this.played.push({ pattern, clip, side });
    const out = this.panned(PAN[side] ?? 0);
    const loud = pattern.startsWith("range") ? LOUD : SOFT;
    let at = this.context.currentTime + 0.02;
    for (const pitch of TONES[pattern]) {
      this.tone(out, pitch, at, loud);
      at += TONE_S + GAP_S;
    }
    if (this.clips[clip]) this.word(out, this.clips[clip], at + GAP_S);
  }

  panned(pan) {
    if (!this.context.createStereoPanner) return this.context.destination;
    const panner = this.context.createStereoPanner();
    panner.pan.value = pan;
    panner.connect(this.context.destination);
    return panner;
  }

  tone(out, pitch, at, loud) {
    const [source, gain] = [this.context.createOscillator(), this.context.createGain()];
    source.frequency.value = pitch;
    gain.gain.setValueAtTime(0, at);
    gain.gain.linearRampToValueAtTime(loud, at + 0.015);
    gain.gain.setValueAtTime(loud, at + TONE_S - 0.05);
    gain.gain.linearRampToValueAtTime(0, at + TONE_S);
    source.connect(gain).connect(out);
    source.start(at);
    source.stop(at + TONE_S);
  }

  word(out, clip, at) {
    const source = this.context.createBufferSource();
    source.buffer = clip;
    source.connect(out);
    source.start(at);
  }

  test() {
    this.play("range_down", "left-down", "left");
  }

  // -- what makes a sound

  take(state, run) {
    this.cue(state, run);
    const before = this.before?.run === run ? this.before.state : null;
    this.before = { state, run };
    if (!before) return;
    if (state.phase === "running" && before.phase === "start") this.play("soft", "ready");
    if (state.pace !== before.pace && state.phase === "running") this.pace(state.pace);
    if (state.dot === "bad" && before.dot !== "bad") this.sensors();
  }

  cue({ cue, t_s: at }, run) {
    if (!cue || (tab.cueRun === run && cue.number <= tab.cue)) return;
    remember("cueRun", run);
    remember("cue", cue.number);
    if (at - cue.t_s > OLD_CUE_S) return;
    const clip = cue.kind === "range_back" ? "range-back" : `${cue.side}-down`;
    this.play(cue.kind, clip, cue.side);
  }

  pace(pace) {
    const clip = { easy: "easy", fast: "fast", other: "rest" }[pace];
    if (clip) this.play("soft", clip);
  }

  sensors() {
    if (now() - this.sensorsTold < SENSORS_AGAIN_MS) return;
    this.sensorsTold = now();
    this.play("soft", "check-sensors");
  }

  /** `lostAt`: since when there is no connection, or null. */
  watch(lostAt) {
    const lost = lostAt !== null && now() - lostAt > LOST_MS;
    if (lost && !this.lostTold) this.play("lost");
    this.lostTold = lost;
  }

  said() {
    if (!this.wished) return "Off. Tones and words when range is lost at fast pace.";
    if (this.on) return "On. Two falling tones: range is lost, left or right as you hear them.";
    return "Paused by the phone. Touch the page to go on.";
  }
}
