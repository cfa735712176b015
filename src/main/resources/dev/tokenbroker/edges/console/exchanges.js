// The list of sampled exchanges, with its filters.

import { byId, el, show } from './dom.js';
import { count, micros, time } from './format.js';
import { refusalsByReason } from './model.js';
import { showOverview } from './overview.js';
import { badge, table } from './table.js';

const ROWS = 200;
const ROWS_ON_A_NARROW_SCREEN = 50;

const COLUMNS = [
  { label: 'Time', cell: (exchange) => time(exchange.time) },
  { label: 'Outcome', cell: (exchange) => [badge(exchange.outcome, exchange.outcome === 'refused' ? 'bad' : 'good'), exchange.cached && el('span', { class: 'detail' }, 'cached')] },
  { label: 'Reason', cell: (exchange) => exchange.reason ?? '' },
  { label: 'Target', cell: (exchange) => exchange.target ?? '' },
  { label: 'Issuer', cell: (exchange) => exchange.issuer ?? '' },
  { label: 'Rule', cell: (exchange) => exchange.rule ?? '' },
  { label: 'Edge', cell: (exchange) => (exchange.intent === 'explain' ? `${exchange.edge}, explained` : exchange.edge) },
  { label: 'Took', numeric: true, cell: (exchange) => micros(exchange.micros) },
];

/** The first panel. While its list has the focus or the pointer, or is paused, no row moves. */
export class Exchanges {
  #model;
  #verdict;
  #newest = 0; // the number of the newest row in the list
  #paused = false;
  #rows;

  /** @param verdict the card that shows the verdict of a chosen row */
  constructor(model, verdict) {
    this.#model = model;
    this.#verdict = verdict;
    const list = byId('exchange-list');
    show(list, table('Exchanges, the newest first', COLUMNS, [], () => ''));
    this.#rows = list.querySelector('tbody');
    byId('pause').addEventListener('click', () => this.#pause(!this.#paused));
    for (const filter of ['filter-outcome', 'filter-reason']) byId(filter).addEventListener('change', () => this.#fill());
    list.addEventListener('click', (event) => this.#choose(event.target.closest('tbody tr')));
    list.addEventListener('keydown', (event) => this.#key(event));
    list.addEventListener('focusin', (event) => this.#rove(event.target.closest('tbody tr')));
    byId('reasons').addEventListener('click', (event) => this.#filter(event.target.closest('[data-reason]')));
  }

  render() {
    showOverview(this.#model);
    this.#reasonOptions();
    if (!this.#held()) this.#add();
    this.#note();
  }

  // --- the list

  #held() {
    return this.#paused || byId('exchange-list').matches(':hover, :focus-within');
  }

  #add() {
    const most = matchMedia('(max-width: 44.99rem)').matches ? ROWS_ON_A_NARROW_SCREEN : ROWS;
    const fresh = this.#waiting().slice(0, most);
    this.#rows.prepend(...fresh.map(row));
    while (this.#rows.rows.length > most) this.#rows.lastElementChild.remove();
    this.#newest = this.#model.exchanges[0]?.number ?? this.#newest;
    this.#ensureTabStop();
  }

  #fill() {
    this.#newest = 0;
    this.#rows.replaceChildren();
    this.#add();
    this.#note();
  }

  #waiting() {
    const outcome = byId('filter-outcome').value;
    const reason = byId('filter-reason').value;
    const end = this.#model.exchanges.findIndex(({ number }) => number <= this.#newest);
    const fresh = end < 0 ? this.#model.exchanges : this.#model.exchanges.slice(0, end);
    return fresh.filter((exchange) => (!outcome || exchange.outcome === outcome) && (!reason || exchange.reason === reason));
  }

  #note() {
    const waiting = this.#held() ? this.#waiting().length : 0;
    const rows = this.#rows.rows.length;
    const per = this.#model.hello?.sampled_per_second ?? 0;
    const text =
      waiting > 0
        ? `${count(waiting)} newer, held back ${this.#paused ? 'by the pause' : 'while you are in the list'}.`
        : rows > 0
          ? `The newest ${count(rows)}. At most ${count(per)} accepted and ${count(per)} refused a second are sampled.`
          : 'Exchanges appear here as the broker evaluates them, the newest first.';
    show(byId('list-note'), text);
    byId('exchange-list').hidden = rows === 0;
  }

  #pause(paused) {
    this.#paused = paused;
    byId('pause').setAttribute('aria-pressed', paused);
    show(byId('pause'), paused ? 'Go on' : 'Pause');
    if (!paused) this.#add();
    this.#note();
  }

  #reasonOptions() {
    const select = byId('filter-reason');
    const known = new Set([...select.options].map((option) => option.value));
    for (const { reason } of refusalsByReason(this.#model.lastSeconds(60))) {
      if (!known.has(reason)) select.append(el('option', { value: reason }, reason));
      known.add(reason);
    }
  }

  #filter(button) {
    if (!button) return;
    byId('filter-outcome').value = '';
    byId('filter-reason').value = button.dataset.reason;
    this.#fill();
  }

  // --- keyboard: the list is one stop of the tab key, and arrow keys move in it

  #ensureTabStop() {
    if (!this.#rows.querySelector('[tabindex="0"]')) this.#rows.firstElementChild?.setAttribute('tabindex', 0);
  }

  #rove(target) {
    if (!target) return;
    this.#rows.querySelector('[tabindex="0"]')?.setAttribute('tabindex', -1);
    target.setAttribute('tabindex', 0);
  }

  #key(event) {
    const current = event.target.closest('tbody tr');
    if (!current) return;
    const next = {
      ArrowDown: current.nextElementSibling,
      ArrowUp: current.previousElementSibling,
      Home: this.#rows.firstElementChild,
      End: this.#rows.lastElementChild,
    }[event.key];
    if (event.key === 'Enter' || event.key === ' ') this.#choose(current);
    else if (next) next.focus();
    else return;
    event.preventDefault();
  }

  #choose(chosen) {
    if (chosen) this.#verdict.open(chosen.dataset.verdict, chosen);
  }
}

function row(exchange) {
  return el(
    'tr',
    { class: exchange.outcome, 'data-verdict': exchange.verdict_id, tabindex: -1, 'aria-label': `Verdict: ${exchange.outcome} ${exchange.reason ?? ''}` },
    COLUMNS.map((column) => el('td', { class: column.numeric && 'numeric', 'data-label': column.label }, column.cell(exchange))),
  );
}
