// A form that explains a pasted credential step by step.

import { byId, el, show } from './dom.js';
import { empty } from './table.js';
import { verdictTree } from './verdict.js';

/** The fifth panel. The credential is in its field until it is cleared, and in the one call that explains it. */
export class Explain {
  #model;
  #broker;
  #call = null;

  constructor(model, broker) {
    this.#model = model;
    this.#broker = broker;
    byId('explain').addEventListener('submit', (event) => {
      event.preventDefault();
      this.#explain();
    });
    byId('explain-clear').addEventListener('click', () => this.#clear());
    byId('explain-sample').addEventListener('click', () => this.#sample());
    this.#clear();
  }

  render() {
    const targets = new Set((this.#model.state?.rules ?? []).map(({ target }) => target));
    show(byId('targets'), [...targets].sort().map((target) => el('option', { value: target })));
    byId('explain-sample').hidden = !this.#model.hello?.faults;
  }

  async #explain() {
    this.#call?.abort();
    this.#call = new AbortController();
    show(byId('explain-problem'));
    const form = new URLSearchParams({
      audience: byId('explain-target').value,
      subject_token: byId('explain-credential').value.trim(),
      subject_token_type: byId('explain-type').value,
    });
    const scope = byId('explain-scope').value.trim();
    if (scope) form.set('scope', scope);
    try {
      const verdict = await this.#broker.json('/explain', { method: 'POST', body: form, signal: this.#call.signal });
      byId('explained').replaceChildren(...result(verdict));
      byId('explained-title').focus();
    } catch (problem) {
      if (problem.name !== 'AbortError') show(byId('explain-problem'), problem.message);
    }
  }

  #clear() {
    this.#call?.abort();
    byId('explain').reset();
    show(byId('explain-problem'));
    byId('explained').replaceChildren(empty('The verdict appears here as a tree, with the failed step open.'));
  }

  async #sample() {
    try {
      const credential = await this.#broker.send('/dev-issuer/credential', { method: 'POST' });
      byId('explain-credential').value = await credential.text();
      if (!byId('explain-target').value) byId('explain-target').value = 'payments-api';
    } catch (problem) {
      show(byId('explain-problem'), problem.message);
    }
  }
}

function result({ candidate, ...verdict }) {
  if (!candidate) return verdictTree(verdict);
  const differs = candidate.outcome !== verdict.outcome;
  return [
    ...verdictTree(verdict),
    el('details', { class: 'candidate-verdict', open: differs }, el('summary', {}, 'By the candidate'), verdictTree(candidate)),
  ];
}
