// The card beside the list of exchanges that shows one verdict.

import { byId, el } from './dom.js';
import { verdictTree } from './verdict.js';

/** Opens a verdict with the focus on it, and gives the focus back when it is closed. */
export class VerdictCard {
  #broker;
  #opener = null;
  #shown = '';

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
    this.#shown = id;
    const nodes = await this.#nodes(id);
    if (this.#shown !== id) return;
    byId('verdict-body').replaceChildren(...nodes);
    byId('verdict-title').focus();
    byId('verdict').scrollIntoView({ block: 'nearest' });
  }

  async #nodes(id) {
    try {
      return verdictTree(await this.#broker.json(`/verdicts/${encodeURIComponent(id)}`));
    } catch (problem) {
      return [el('p', { class: 'problem' }, problem.status === 404 ? 'The broker no longer keeps this verdict.' : problem.message)];
    }
  }

  #close() {
    if (byId('verdict').hidden) return;
    this.#shown = '';
    byId('verdict').hidden = true;
    byId('exchange-split').classList.remove('open');
    byId('verdict-body').replaceChildren();
    this.#opener?.removeAttribute('aria-current');
    (this.#opener?.isConnected ? this.#opener : byId('pause')).focus();
    this.#opener = null;
  }
}
