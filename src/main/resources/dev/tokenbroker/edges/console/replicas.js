// Replicas that share a store: who is up, and which facts are not equal at all of them.

import { byId, el, show } from './dom.js';
import { offset, revision } from './format.js';
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
    show(byId('replicas'), replicas.length > 0 ? rows(replicas, state.unequal_facts) : empty('Each replica with the same store has a row here.'));
    show(byId('replicas-left-out'), leftOut(state?.left_out?.replicas));
  }
}

function rows(replicas, unequal) {
  const marked = (fact, value) => [value, unequal.includes(fact) && [' ', badge('not equal', 'warn')]];
  const digest = (fact) => (replica) => marked(fact, replica[fact] ? el('code', {}, revision(replica[fact])) : 'none');
  return table(
    'Replicas that are up',
    [
      { label: 'Replica', cell: ({ name, id, self }) => named(name, self ? 'this one' : el('code', {}, id)) },
      { label: 'State', cell: ({ ready }) => (ready ? badge('ready', 'good') : badge('not ready', 'warn')) },
      { label: 'Build', cell: ({ build }) => marked('build', build ?? '–') },
      { label: 'Revision', cell: digest('revision') },
      { label: 'Candidate', cell: digest('candidate') },
      { label: 'Keys', cell: digest('keys') },
      { label: 'Authorities', cell: digest('authorities') },
      { label: 'Clock', numeric: true, cell: ({ clock_offset_seconds: seconds }) => marked('clock', offset(seconds)) },
    ],
    replicas,
    ({ id }) => id,
  );
}
