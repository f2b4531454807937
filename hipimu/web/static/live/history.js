// All strides of the run, and the pace of each by the laps.

export class History {
  constructor() {
    this.run = null;
    this.begin();
  }

  begin() {
    this.length = 0;
    this.side = [];
    this.t = [];
    this.peak_flexion = [];
    this.peak_extension = [];
    this.usable = [];
  }

  /** What `welcome` says of the page's own history. */
  welcome(run, keep) {
    this.run = run;
    if (keep < this.length) this.cut(keep);
  }

  cut(length) {
    this.length = length;
    for (const column of [this.side, this.t, this.peak_flexion, this.peak_extension, this.usable]) {
      column.length = length;
    }
  }

  /** Returns whether the strides join on to what is here. */
  add(from, strides) {
    if (from > this.length) return false;
    if (from < this.length) this.cut(from);
    for (const [side, t, flexion, extension, , usable] of strides) {
      this.side.push(side);
      this.t.push(t);
      this.peak_flexion.push(flexion);
      this.peak_extension.push(extension);
      this.usable.push(usable);
    }
    this.length += strides.length;
    return true;
  }
}

export const PACES = ["easy", "fast", "other"];
const paceOf = (label) => (label === "easy" || label === "fast" ? label : "other");

/** A function that tells the lap of times that come in order: [place, pace], place −1 outside. */
export function lapFinder(laps) {
  let at = 0;
  return (t) => {
    if (at > 0 && t < laps[at - 1][1]) at = 0;
    while (at < laps.length && t >= laps[at][1]) at += 1;
    const last = laps.length - 1;
    // The last lap goes on: a stride may be newer than its end.
    const place = at > last ? last : at;
    if (place < 0 || t < laps[place][0]) return [-1, "other"];
    return [place, paceOf(laps[place][2])];
  };
}
