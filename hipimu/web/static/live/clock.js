// The computer's clock, told from the quickest of the last answers.

const KEPT = 20;

const ASLEEP_MS = 1000;

let origin = performance.timeOrigin;
let sleeps = 0;

/**
 * Milliseconds since the Unix epoch that never go back, unlike Date.now(), and that count the time
 * in which the phone slept, unlike performance.now(): numbers must not come fresh out of a pocket.
 */
export function now() {
  const asleep = Date.now() - (origin + performance.now());
  if (asleep > ASLEEP_MS) {
    origin += asleep;
    sleeps += 1;
  }
  return origin + performance.now();
}

export class ComputerClock {
  constructor() {
    this.answers = [];
    this.offset = null;
    this.sleeps = 0;
  }

  /** `at`: when the ping left, by `now`; `computer`: what the computer's clock said. */
  pong(at, computer) {
    const came = now();
    if (this.sleeps !== sleeps) this.forget();
    const trip = came - at;
    this.answers.push({ trip, offset: computer + trip / 2 - came });
    if (this.answers.length > KEPT) this.answers.shift();
    this.offset = this.answers.reduce((a, b) => (b.trip <= a.trip ? b : a)).offset;
  }

  forget() {
    this.answers = [];
    this.sleeps = sleeps;
  }

  /** The computer's time, or null before the first answer. */
  now() {
    const here = now();
    return this.offset === null || this.sleeps !== sleeps ? null : here + this.offset;
  }
}
