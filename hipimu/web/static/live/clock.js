// The computer's clock, told from the quickest of the last answers.

const KEPT = 20;

/** Milliseconds since the Unix epoch that never jump, unlike Date.now(). */
export const now = () => performance.timeOrigin + performance.now();

export class ComputerClock {
  constructor() {
    this.answers = [];
    this.offset = null;
  }

  /** `at`: when the ping left, by `now`; `computer`: what the computer's clock said. */
  pong(at, computer) {
    const came = now();
    const trip = came - at;
    this.answers.push({ trip, offset: computer + trip / 2 - came });
    if (this.answers.length > KEPT) this.answers.shift();
    this.offset = this.answers.reduce((a, b) => (b.trip <= a.trip ? b : a)).offset;
  }

  forget() {
    this.answers = [];
  }

  /** The computer's time, or null before the first answer. */
  now() {
    return this.offset === null ? null : now() + this.offset;
  }
}
