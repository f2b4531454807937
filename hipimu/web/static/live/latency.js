// From a packet's arrival at the computer to its number on the glass.

const KEPT = 600;

export class Latency {
  constructor(clock) {
    this.clock = clock;
    this.values = [];
    this.arrived = 0;
    this.channel = new MessageChannel();
    this.channel.port1.onmessage = ({ data }) => this.note(data);
  }

  /** To be called in an animation frame: what is posted there comes after the paint. */
  painted(state) {
    if (state.arrived_ms <= this.arrived) return;
    this.arrived = state.arrived_ms;
    this.channel.port2.postMessage(state.arrived_ms);
  }

  note(arrived) {
    const now = this.clock.now();
    if (now === null) return;
    this.values.push(now - arrived);
    if (this.values.length > KEPT) this.values.shift();
  }

  p95() {
    if (!this.values.length) return null;
    const sorted = Float64Array.from(this.values).sort();
    return sorted[Math.min(sorted.length - 1, Math.floor(0.95 * sorted.length))];
  }
}
