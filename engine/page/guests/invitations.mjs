import { button, element } from '../dom.mjs';
import './guests.css';

/** @typedef {import('../run/messages.d.ts').InvitationsMessage} InvitationsMessage */
/** @typedef {import('../run/messages.d.ts').Invitation} Invitation */

/**
 * The codes that guests scan: in the presenter view all of them, on the projector only that of the
 * audience, who could take the phone's place with the other.
 */
export class Invitations {
  #windows;
  #runner;
  #isPresenter = document.body.dataset.bespokeView === 'presenter';
  #root = element('div', { class: 'guest-codes', role: 'group', 'aria-label': 'Codes' });
  /** @type {InvitationsMessage | null} */
  #offered = null;
  /** In the presenter view, until it was chosen: whether a phone is awaited. @type {boolean | null} */
  #chosen = null;
  #projected = false;

  /**
   * @param {import('../stage/windows.mjs').Windows} windows
   * @param {import('../run/runner.mjs').Runner} runner
   */
  constructor(windows, runner) {
    this.#windows = windows;
    this.#runner = runner;
    windows.hear('project', (shown) => {
      this.#projected = shown;
      this.#render();
    });
  }

  /** @param {InvitationsMessage} message */
  told(message) {
    const more = message.paired && !this.#offered?.paired;
    this.#offered = message;
    if (more) this.#chosen = false;
    this.#render();
  }

  /** Show or hide them. Returns false where no guest is expected. */
  toggle() {
    if (!this.#offered) return false;
    if (!this.#isPresenter) return this.project();
    this.#chosen = !this.#isShown;
    // Each time with a new one for a phone: that of before may have been seen.
    if (this.#chosen) this.#runner.send({ type: 'invite' });
    this.#render();
    return true;
  }

  /** Show or hide the audience's on the projector. Returns false where none is expected. */
  project() {
    if (!this.#offered?.audience) return false;
    this.#projected = !this.#projected;
    this.#windows.tell('project', this.#projected);
    this.#render();
    return true;
  }

  get #isShown() {
    if (!this.#isPresenter) return this.#projected;
    return this.#chosen ?? !this.#offered?.paired;
  }

  #render() {
    let { remote, audience } = this.#offered ?? {};
    // By itself there is one: the other would take the place of what the speaker reads.
    if (this.#isPresenter && this.#chosen === null && remote) audience = null;
    const shown = [];
    if (remote && this.#isPresenter) shown.push(toCode('Your phone: scan it once', remote));
    if (audience) {
      const hint = this.#projected ? 'on the projector, too' : 'a: on the projector';
      shown.push(toCode(this.#isPresenter ? `Audience (${hint})` : 'Follow along', audience));
    }
    const close = button('close', '', 'Hide (q)', () => this.toggle());
    this.#root.replaceChildren(close, ...shown);
    if (this.#isShown && shown.length > 0) document.body.append(this.#root);
    else this.#root.remove();
  }
}

/**
 * @param {string} title
 * @param {Invitation} invitation
 */
function toCode(title, { link, code }) {
  const picture = element('div', { class: 'guest-code', role: 'img', 'aria-label': link });
  picture.innerHTML = code;
  return element('div', {}, element('strong', {}, title), picture, element('code', {}, link));
}
