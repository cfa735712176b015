// Replicas that share a store: who is up, and by which revision each judges.

import { byId, el, show } from './dom.js';
import { revision, span } from './format.js';
import { leftOut } from './peers.js';
import { badge, empty, named, table } from './table.js';

/** The panel of the replicas; only brokers with a shared store have it. */
export class Replicas {
  #model;

  constructor(model) {
    this.#model = model;
  }

  render() {
    const { state } = this.#model;
    const replicas = state?.replicas ?? [];
    show(byId('replicas'), replicas.length > 0 ? rows(replicas) : empty('Each replica with the same store has a row here.'));
    show(byId('replicas-left-out'), leftOut(state?.left_out?.replicas));
  }
}

/** Whether the replicas judge by more than one revision. */
export const differ = (replicas) => new Set(replicas.map((each) => each.revision)).size > 1;

function rows(replicas) {
  const unequal = differ(replicas);
  return table(
    'Replicas that are up',
    [
      { label: 'Replica', cell: ({ name, id, self }) => named(name, self ? 'this one' : el('code', {}, id)) },
      { label: 'State', cell: ({ ready }) => (ready ? badge('ready', 'good') : badge('not ready', 'warn')) },
      { label: 'Revision', cell: ({ revision: hex }) => [hex ? el('code', {}, revision(hex)) : 'none', unequal && [' ', badge('not equal', 'warn')]] },
      { label: 'Last heard', numeric: true, cell: ({ self, silence_seconds: seconds }) => (self ? '–' : `${span(seconds)} ago`) },
    ],
    replicas,
    ({ id }) => id,
  );
}
