const FIRST_RETRY = 250; // milliseconds, doubled up to the last
const LAST_RETRY = 1000; // who restarts the runner waits for its pages (runner/web/server.py)

/**
 * @typedef {import('./messages.d.ts').Message} Message
 * @typedef {import('./messages.d.ts').Request} Request
 */

/** The connection to the runner that served this page; it comes back by itself. */
export class Runner {
  connected = false;
  /** @type {WebSocket | undefined} */
  #socket;
  #retry = FIRST_RETRY;
  /** Sent before the first connection stood. @type {Request[]} */
  #early = [];
  #address;
  #told;
  #changed;

  /**
   * @param {string} address
   * @param {(message: Message) => void} told
   * @param {(connected: boolean) => void} changed
   */
  constructor(address, told, changed) {
    this.#address = address;
    this.#told = told;
    this.#changed = changed;
    this.#connect();
  }

  /**
   * @param {Request} message
   * @returns {boolean} was there a runner to take it?
   */
  send(message) {
    const first = this.#retry === FIRST_RETRY;
    if (this.connected) this.#socket?.send(JSON.stringify(message));
    else if (first) this.#early.push(message);
    return this.connected || first;
  }

  #connect() {
    // The key that the link has left here (runner/web/gate.py). A window that is open still may
    // have it of a link that was opened in another.
    const key = localStorage.getItem('key');
    const socket = new WebSocket(this.#address, ['deck', `key.${key}`]);
    this.#socket = socket;
    socket.onopen = () => {
      this.connected = true;
      this.#retry = FIRST_RETRY;
      this.#changed(true);
      for (const message of this.#early.splice(0)) this.send(message);
    };
    socket.onmessage = ({ data }) => this.#told(JSON.parse(data));
    socket.onclose = () => {
      this.connected = false;
      this.#early = [];
      this.#changed(false);
      setTimeout(() => this.#connect(), this.#retry);
      this.#retry = Math.min(this.#retry * 2, LAST_RETRY);
    };
  }
}
