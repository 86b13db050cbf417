/** What the windows of one deck tell each other: the projector's, the presenter view. */
export class Windows {
  #channel = new BroadcastChannel(`deck ${location.pathname} ${history.state?.marpBespokeSyncKey}`);
  /** @type {Map<string, (...values: any[]) => void>} */
  #heard = new Map();

  constructor() {
    this.#channel.onmessage = ({ data: [topic, ...values] }) => this.#heard.get(topic)?.(...values);
  }

  /**
   * @param {string} topic
   * @param {...any} values what can be cloned
   */
  tell(topic, ...values) {
    this.#channel.postMessage([topic, ...values]);
  }

  /**
   * @param {string} topic
   * @param {(...values: any[]) => void} act on what another window tells
   */
  hear(topic, act) {
    this.#heard.set(topic, act);
  }
}
