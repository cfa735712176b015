// Changes over the curve of refusals, and the refusals that rose after each.

import { refusalChart } from './charts.js';
import { numbers } from './attention.js';
import { shortId } from './copy.js';
import { byId, el, show } from './dom.js';
import { count, span, time } from './format.js';
import { outageOf } from './outages.js';
import { badge, empty, breakable } from './table.js';

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
    show(byId('change-list'), changeList(shown.slice(0, SHOWN), now, wanted, state?.outages ?? []));
  }

  #find(mark) {
    if (!mark) return;
    byId('filter-change').value = '';
    this.render();
    byId('change-list').querySelector(`[data-key="${CSS.escape(mark.dataset.change)}"]`)?.focus();
  }
}

/** Refusals that rose, in words; the change itself stands above them. */
function rise(risen, change, now, outages) {
  const { reason, name, before, after } = risen;
  const outage = outageOf(risen, change, outages);
  // A join is known to five seconds, an outage to the second that stands beside it.
  const delay = outage ? second(outage.since_time) - second(change.time) : risen.delay_seconds;
  const began = delay < 0 ? `began ${span(-delay)} before the broker noticed` : delay === 0 ? 'began at once' : `began ${span(delay)} after`;
  const since = outage ? `${numbers(outage, now)}${outage.ended ? ` to ${time(outage.last_time, now)}` : ''}` : `${count(after)} in the 5 minutes after`;
  return [el('strong', {}, breakable(reason)), ` of ${name}: ${since}, ${count(before)} in the 5 minutes before; ${began}`];
}

const second = (text) => Math.floor(Date.parse(text) / 1_000);

function changeList(changes, now, filtered, outages) {
  if (changes.length > 0) return el('ol', { class: 'changes', 'aria-label': 'Changes, the newest first' }, changes.map((change) => changeItem(change, now, outages)));
  return empty(
    filtered
      ? 'No such change.'
      : 'Changes of keys, certificates, clocks, claims and revisions appear here, with the refusals that rose after them.',
  );
}

/** What a thing was or is, with only the first characters of kids and thumbprints, also of each in a list: "kids a, b". */
function value(text) {
  return (text || 'none').split(/(?<=\b(?:kid |key |kids \[?(?:[^\s,;]+, )*))([^\s,;[\]'"]+)/).map((part, at) => (at % 2 === 1 ? shortId(part) : part));
}

/** A change in words, with what it raised. */
export function changeItem(change, now, outages) {
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
      (change.was || change.is) && el('p', { class: 'change-values' }, el('del', {}, value(change.was)), el('ins', {}, value(change.is))),
      change.noticed_after_time && el('p', { class: 'detail' }, `It happened after ${time(change.noticed_after_time, now)}, when the broker had looked before.`),
      joined.length > 0 && el('ul', { class: 'risen' }, joined.map((risen) => el('li', {}, rise(risen, change, now, outages)))),
      change.unproved && el('ul', { class: 'detail' }, change.unproved.map((risen) => el('li', {}, rise(risen, change, now, []), '; unproved, since anybody can cause them'))),
    ),
  );
}
