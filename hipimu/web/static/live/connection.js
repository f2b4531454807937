// One WebSocket that comes back by itself.

import { ComputerClock, now } from "./clock.js";

const VERSION = 1;
const WAITS_MS = [500, 1000, 2000, 4000, 5000];
const OPENING_MS = 4000;
/** States come at least every second: silence for so long is a dead link. */
const SILENT_MS = 5000;
const PINGS_MS = [0, 300, 600, 1000];
const PING_EVERY_MS = 5000;
const LOOK_MS = 500;

export class Connection {
  /** `have`: what to say of the history in hello; `take`: takes each message but pongs. */
  constructor({ have, take, changed }) {
    Object.assign(this, { have, take, changed });
    this.clock = new ComputerClock();
    this.socket = null;
    this.up = false;
    this.refused = "";
    this.lostAt = now();
    this.tries = 0;
    this.timers = new Set();
    setInterval(() => this.look(), LOOK_MS);
    for (const event of ["online", "pageshow"]) addEventListener(event, () => this.hurry());
    document.addEventListener("visibilitychange", () => this.hurry());
    this.open();
  }

  open() {
    const { protocol, host, search } = location;
    const socket = new WebSocket(`${protocol === "https:" ? "wss" : "ws"}://${host}/live${search}`);
    this.socket = socket;
    this.since = now();
    socket.onopen = () => this.opened();
    socket.onmessage = ({ data }) => this.received(JSON.parse(data));
    socket.onclose = ({ reason }) => this.lost(reason);
  }

  opened() {
    this.heard = now();
    this.send({ type: "hello", version: VERSION, ...this.have() });
    this.clock.forget();
    for (const wait of PINGS_MS) this.later(() => this.ping(), wait);
  }

  received(message) {
    this.heard = now();
    if (message.type === "pong") this.clock.pong(message.at, message.now_ms);
    else this.take(message);
    if (message.type === "welcome") this.welcomed();
  }

  welcomed() {
    this.up = true;
    this.tries = 0;
    this.refused = "";
    this.lostAt = null;
    this.changed();
  }

  lost(reason = "") {
    this.drop();
    if (this.up || this.lostAt === null) this.lostAt = now();
    this.up = false;
    this.refused = reason;
    const wait = WAITS_MS[Math.min(this.tries++, WAITS_MS.length - 1)];
    this.later(() => this.open(), wait);
    this.changed();
  }

  /** Ends the link and all that waits; a half-open one would not say for minutes that it closed. */
  drop() {
    for (const timer of this.timers) clearTimeout(timer);
    this.timers.clear();
    const socket = this.socket;
    this.socket = null;
    if (!socket) return;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close();
  }

  look() {
    if (!this.socket) return;
    const opening = this.socket.readyState === WebSocket.CONNECTING;
    if (opening && now() - this.since > OPENING_MS) this.lost();
    else if (!opening && now() - this.heard > SILENT_MS) this.lost();
    else if (this.up && now() - this.pinged > PING_EVERY_MS) this.ping();
  }

  /** Somebody looks again, or the network is back: no more waiting. */
  hurry() {
    if (document.hidden || this.socket) return;
    this.drop();
    this.open();
  }

  /** Begins anew, such as when the history has a hole. */
  again() {
    this.drop();
    this.open();
  }

  ping() {
    this.pinged = now();
    this.send({ type: "ping", at: this.pinged });
  }

  send(message) {
    if (this.socket?.readyState !== WebSocket.OPEN) return false;
    this.socket.send(JSON.stringify(message));
    return true;
  }

  later(what, wait) {
    const timer = setTimeout(() => {
      this.timers.delete(timer);
      what();
    }, wait);
    this.timers.add(timer);
  }
}
