// The gateway's websocket: identify, heartbeat, resume, reconnect. Hands events on; keeps none.

const FATAL = new Set([4004, 4010, 4011, 4012, 4013, 4014]);
const LONGEST_WAIT = 15000;

/**
 * `onevent(name, data)` gets each dispatch. `onstate(state, seconds)` is told "online",
 * "waiting" (with the seconds until the next try), "connecting" or "refused".
 */
export class Gateway {
  constructor({ address, token, onevent, onstate }) {
    Object.assign(this, { address, token, onevent, onstate });
    this.session = null;
    this.sequence = null;
    this.tries = 0;
  }

  connect() {
    this.onstate("connecting");
    // READY names an address to resume at. It is this same server, perhaps under a name that the
    // page was not opened by, which its content policy then refuses: the first address serves.
    const url = new URL(this.address);
    url.search = "?v=10&encoding=json";
    const socket = new WebSocket(url);
    this.socket = socket;
    socket.onmessage = ({ data }) => this.take(JSON.parse(data));
    socket.onclose = ({ code }) => socket === this.socket && this.closed(code);
  }

  send(op, d) {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify({ op, d }));
  }

  take({ op, d, s, t }) {
    if (s !== null && s !== undefined) this.sequence = s;
    if (op === 0) this.dispatched(t, d);
    else if (op === 1) this.beat();
    else if (op === 7) this.socket.close(4000);
    else if (op === 9) this.invalid(d);
    else if (op === 10) this.greeted(d.heartbeat_interval);
    else if (op === 11) this.heard = true;
  }

  dispatched(name, data) {
    if (name === "READY") this.session = { id: data.session_id };
    if (name === "READY" || name === "RESUMED") {
      this.tries = 0;
      this.onstate("online");
    }
    this.onevent(name, data);
  }

  greeted(interval) {
    this.heard = true;
    clearInterval(this.pulse);
    this.pulse = setInterval(() => this.beat(true), interval);
    if (this.session) {
      this.send(6, { token: this.token, session_id: this.session.id, seq: this.sequence });
    } else {
      const properties = { os: "browser", browser: "troupe-page", device: "" };
      this.send(2, { token: this.token, properties });
    }
  }

  /** A heartbeat; a line whose last one was never answered is dead. */
  beat(timed = false) {
    if (timed && !this.heard) {
      this.socket.close(4000);
      return;
    }
    if (timed) this.heard = false;
    this.send(1, this.sequence);
  }

  invalid(resumable) {
    if (!resumable) this.session = this.sequence = null;
    this.socket.close(4000);
  }

  closed(code) {
    clearInterval(this.pulse);
    if (FATAL.has(code)) {
      this.onstate("refused");
      return;
    }
    if (code === 4007 || code === 4009) this.session = this.sequence = null;
    const wait = this.tries === 0 ? 300 : Math.min(1000 * 2 ** (this.tries - 1), LONGEST_WAIT);
    this.tries += 1;
    this.onstate("waiting", wait / 1000);
    this.retry = setTimeout(() => this.connect(), wait);
  }

  /** Try at once instead of waiting. */
  hurry() {
    clearTimeout(this.retry);
    this.connect();
  }

  /** Hang up for good. */
  stop() {
    clearTimeout(this.retry);
    clearInterval(this.pulse);
    const socket = this.socket;
    this.socket = null;
    socket?.close(1000);
  }
}
