// The card beside the list of exchanges that shows one verdict.

import { byId, el } from './dom.js';
import { empty } from './table.js';
import { verdictTree } from './verdict.js';

/** Opens a verdict with the focus on it, and gives the focus back when it is closed. The address names what is open. */
export class VerdictCard {
  #broker;
  #opener = null;
  #shown = '';
  #refused = false; // since it needs a token

  constructor(broker) {
    this.#broker = broker;
    byId('verdict-close').addEventListener('click', () => this.#close());
    byId('panel-exchanges').addEventListener('keydown', (event) => event.key === 'Escape' && this.#close());
  }

  /**
   * Shows the verdict with that id.
   *
   * @param opener the row that was chosen, if one was
   */
  async open(id, opener = null) {
    this.#opener?.removeAttribute('aria-current');
    this.#opener = opener;
    opener?.setAttribute('aria-current', 'true');
    byId('exchange-split').classList.add('open');
    byId('verdict').hidden = false;
    history.replaceState(null, '', `#verdict/${encodeURIComponent(id)}`);
    this.#shown = id;
    this.#refused = false;
    byId('verdict-body').replaceChildren(empty('Loading...'));
    const nodes = await this.#nodes(id);
    if (this.#shown !== id) return;
    byId('verdict-body').replaceChildren(...nodes);
    if (this.#refused) return; // the focus is in the form for the token
    byId('verdict-title').focus({ preventScroll: true });
    byId('verdict').scrollIntoView({ block: getComputedStyle(byId('verdict')).position === 'sticky' ? 'nearest' : 'start' });
  }

  /** Asks again for a verdict that the broker refused without a valid token. */
  retry() {
    if (this.#refused) this.open(this.#shown, this.#opener);
  }

  async #nodes(id) {
    try {
      return verdictTree(await this.#broker.json(`/verdicts/${encodeURIComponent(id)}`));
    } catch (problem) {
      this.#refused = problem.status === 401;
      return [el('p', { class: 'problem' }, problem.message), el('p', { class: 'detail' }, `Verdict ${id}`)];
    }
  }

  #close() {
    if (byId('verdict').hidden) return;
    this.#shown = '';
    this.#refused = false;
    history.replaceState(null, '', '#exchanges');
    byId('verdict').hidden = true;
    byId('exchange-split').classList.remove('open');
    byId('verdict-body').replaceChildren();
    this.#opener?.removeAttribute('aria-current');
    (this.#opener?.isConnected ? this.#opener : byId('verdict-id')).focus();
    this.#opener = null;
  }
}
