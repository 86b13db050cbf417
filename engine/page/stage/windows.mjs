const AGAIN = 100; // milliseconds until a lost lock is asked for again

/** What the windows of one deck tell each other: the projector's, the presenter view. */
export class Windows {
  #name = `deck ${location.pathname} ${history.state?.marpBespokeSyncKey}`;
  #channel = new BroadcastChannel(this.#name);
  /** @type {Map<string, (...values: any[]) => void>} */
  #heard = new Map();

  constructor() {
    this.#channel.onmessage = ({ data: [topic, ...values] }) => this.#heard.get(topic)?.(...values);
  }

  /**
   * One of them leads: it speaks for all to the runner. Marp has the others follow, late; two that
   * turn by themselves would hear of each other's last steps, and go back to them.
   */
  leads = false;

  /** Lead as soon as no other window does. @param {() => void} act once this one leads */
  lead(act) {
    const lead = () => {
      this.leads = true;
      act();
      return new Promise(() => {}); // until it is closed
    };
    // A lock that is granted in the midst of a `window.open` that a debugger attends is lost, with
    // an error.
    const ask = () =>
      navigator.locks.request(this.#name, lead).catch((error) => {
        if (this.leads) throw error;
        setTimeout(ask, AGAIN);
      });
    if (navigator.locks) ask();
    else lead();
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
