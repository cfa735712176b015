// Changes over the curve of refusals, and the refusals that rose after each.

import { refusalChart } from './charts.js';
import { byId, el, show } from './dom.js';
import { count, span, time } from './format.js';
import { badge, empty } from './table.js';

const SHOWN = 200;

/** The second panel. */
export class Timeline {
  #model;

  constructor(model) {
    this.#model = model;
    byId('filter-change').addEventListener('change', () => this.render());
    byId('refusal-curve').addEventListener('click', (event) => this.#find(event.target.closest('[data-change]')));
  }

  render() {
    const { state, now } = this.#model;
    const changes = this.#model.changesNewestFirst();
    show(
      byId('refusal-curve'),
      state ? refusalChart(state.refusals, changes, byId('refusal-curve').clientWidth) : empty('The curve comes with the first state of the broker.'),
    );
    const wanted = byId('filter-change').value;
    const shown = changes.filter((change) => !wanted || (wanted === 'joined' ? change.joined?.length > 0 : change.warning));
    show(byId('change-list'), changeList(shown.slice(0, SHOWN), now, wanted));
  }

  #find(mark) {
    if (!mark) return;
    byId('filter-change').value = '';
    this.render();
    byId('change-list').querySelector(`[data-key="${CSS.escape(mark.dataset.change)}"]`)?.focus();
  }
}

/** Refusals that rose, in words; the change itself stands above them. */
function rise({ reason, name, before, after, delay_seconds: delay }) {
  const began = delay < 0 ? `began ${span(-delay)} before the broker noticed` : delay === 0 ? 'began at once' : `began ${span(delay)} after`;
  return [el('strong', {}, reason), ` of ${name}: ${count(after)} since, ${count(before)} in the 5 minutes before; ${began}`];
}

function changeList(changes, now, filtered) {
  if (changes.length > 0) return el('ol', { class: 'changes', 'aria-label': 'Changes, the newest first' }, changes.map((change) => changeItem(change, now)));
  return empty(
    filtered
      ? 'No such change.'
      : 'Changes of keys, certificates, clocks, claims and revisions appear here, with the refusals that rose after them.',
  );
}

/** A change in words, with what it raised. */
export function changeItem(change, now) {
  const joined = change.joined ?? [];
  return el(
    'li',
    { class: joined.length > 0 ? 'change joined' : change.warning ? 'change warning' : 'change', 'data-key': change.id, tabindex: -1 },
    el('time', { datetime: change.time }, time(change.time, now)),
    el(
      'div',
      {},
      el(
        'p',
        { class: 'change-what' },
        badge(change.kind, joined.length > 0 ? 'bad' : change.warning ? 'warn' : 'calm'),
        el('span', { class: 'name' }, [change.subject_kind, change.subject].filter(Boolean).join(' ')),
      ),
      (change.was || change.is) && el('p', { class: 'change-values' }, el('del', {}, change.was || 'none'), el('ins', {}, change.is || 'none')),
      change.noticed_after_time && el('p', { class: 'detail' }, `It happened after ${time(change.noticed_after_time, now)}, when the broker had looked before.`),
      joined.length > 0 && el('ul', { class: 'risen' }, joined.map((risen) => el('li', {}, rise(risen)))),
      change.unproved && el('ul', { class: 'detail' }, change.unproved.map((risen) => el('li', {}, rise(risen), '; unproved, since anybody can cause them'))),
    ),
  );
}
