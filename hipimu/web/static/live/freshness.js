// How old the numbers are. A stale number shown as if it were fresh is the worst of all.

import { now } from "./clock.js";

const STALE_MS = 2000;

const sensorsOf = (side) => ["pelvis", `thigh_${side}`];

export class Freshness {
  constructor() {
    this.heard = null;
    this.arrived = null;
    this.moved = null;
    this.delivered = {};
    this.state = null;
  }

  take(state) {
    const at = now();
    this.heard = at;
    this.state = state;
    // By change, not by the clocks: those of phone and computer may differ by minutes.
    if (state.arrived_ms !== this.arrived) {
      this.arrived = state.arrived_ms;
      this.moved = at;
    }
    for (const [side, angle] of Object.entries(state.angle)) {
      if (angle !== null && this.moved === at) this.delivered[side] = at;
    }
  }

  /** Seconds since this side's sensors delivered; null: never. */
  ageOf(side) {
    const at = now();
    const ages = (this.state?.sensors ?? [])
      .filter(({ sensor, age_s: age }) => sensorsOf(side).includes(sensor) && age !== null)
      .map(({ age_s: age }) => age + (at - this.heard) / 1000);
    if (side in this.delivered) ages.push((at - this.delivered[side]) / 1000);
    return ages.length ? Math.max(...ages) : null;
  }

  isStale(side) {
    const age = this.ageOf(side);
    return age === null || age * 1000 > STALE_MS;
  }

  /** Whether everything is old: no state came. */
  allStale() {
    return this.heard === null || now() - this.heard > STALE_MS;
  }

  silence() {
    return this.heard === null ? null : (now() - this.heard) / 1000;
  }
}
