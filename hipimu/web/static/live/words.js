// Numbers as people read them.

const MINUS = "\u2212";
const MILE_M = 1609.344;

export const NONE = "\u2013";

const known = (value) => value !== null && value !== undefined;

export function degrees(value) {
  if (!known(value)) return NONE;
  const text = Math.abs(value).toFixed(1);
  return value < 0 && text !== "0.0" ? MINUS + text : text;
}

export const whole = (value) => (known(value) ? String(Math.round(value)) : NONE);

/** min:s, and h:min:s from an hour on. */
export function clock(seconds) {
  const s = Math.max(0, Math.floor(seconds));
  const two = (n) => String(n).padStart(2, "0");
  const [h, m] = [Math.floor(s / 3600), Math.floor(s / 60) % 60];
  return h ? `${h}:${two(m)}:${two(s % 60)}` : `${m}:${two(s % 60)}`;
}

/** min:s a kilometre or mile; slower than 30 min/km is standing about. */
export function pace(speed, units) {
  if (!known(speed) || speed < 0.55) return NONE;
  return clock((units === "mile" ? MILE_M : 1000) / speed + 0.5);
}

export const paceUnit = (units) => (units === "mile" ? "min/mile" : "min/km");

export function ago(seconds) {
  if (seconds === null) return "no data yet";
  const s = Math.floor(seconds);
  return s < 60 ? `${s} s ago` : `${clock(s)} min ago`;
}

export function age(seconds) {
  if (!known(seconds)) return "never";
  return seconds < 10 ? `${seconds.toFixed(1)} s` : `${Math.round(seconds)} s`;
}

export const percent = (value, digits = 0) =>
  known(value) ? `${Number(value).toFixed(digits)} %` : "not known";

export const ROLES = {
  pelvis: "Pelvis",
  thigh_left: "Left thigh",
  thigh_right: "Right thigh",
  heart_rate: "Heart rate",
  foot_pod: "Foot pod",
};

export const role = (name) => ROLES[name] ?? name;

export const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);

export const HEALTH = {
  good: ["\u25CF", "good"],
  attention: ["\u25B2", "look"],
  bad: ["\u25A0", "bad"],
};
