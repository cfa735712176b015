// Replicas that share a store: who is up, and who differs from most of the others in what.

import { byId, el, show } from './dom.js';
import { offset, revision, span } from './format.js';
import { leftOut } from './peers.js';
import { badge, empty, table } from './table.js';

const REVISIONS = ['revision', 'candidate'];

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

/** The first replica that has differed for longer than the settling time, in one sentence. */
export function differing(replicas) {
  for (const { name, differs } of replicas ?? []) {
    const settled = differs.find((difference) => difference.settled);
    if (settled) return `${name}: ${different(settled)}`;
  }
  return undefined;
}

function rows(replicas) {
  return table(
    'Replicas that are up',
    [
      { label: 'Replica', cell: ({ name, id, self }) => [el('span', { class: 'name' }, name), el('span', { class: 'detail' }, self ? 'this one' : el('code', {}, id))] },
      { label: 'State', cell: state },
      { label: 'Build', cell: ({ build }) => build ?? '–' },
      { label: 'Revision', cell: ({ revision: hex }) => (hex ? el('code', {}, revision(hex)) : 'none') },
      { label: 'Clock', numeric: true, cell: ({ clock_offset_seconds: seconds }) => offset(seconds) },
      { label: 'Differs in', cell: differences },
    ],
    replicas,
    ({ id }) => id,
  );
}

function state({ ready, differs }) {
  const settled = differs.some((difference) => difference.settled);
  return [
    !ready && badge('not ready', 'warn'),
    differs.length === 0 ? badge('agrees', 'good') : badge(settled ? 'differs' : 'settles', settled ? 'bad' : 'warn'),
  ];
}

function differences({ differs, difference_count: number }) {
  if (differs.length === 0) return 'nothing';
  const rest = number - differs.length;
  return el(
    'ul',
    { class: 'texts' },
    differs.map((difference) => el('li', {}, different(difference), el('span', { class: 'detail' }, ` for ${span(difference.seconds)}`))),
    rest > 0 && el('li', {}, `and ${rest} more`),
  );
}

function different({ fact, part, is, others }) {
  const shown = (value) => (REVISIONS.includes(fact) && value.length > 12 ? revision(value) : value);
  return `${fact}${part ? ` of ${part}` : ''} ${shown(is)}, others ${shown(others)}`;
}
