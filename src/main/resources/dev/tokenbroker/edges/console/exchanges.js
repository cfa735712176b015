// The list of sampled exchanges, with its filters.

import { byId, el, show } from './dom.js';
import { count, micros, time } from './format.js';
import { refusalsByReason } from './model.js';
import { showOverview } from './overview.js';
import { badge, breakable, table } from './table.js';

const FILTERS = ['outcome', 'reason', 'issuer', 'target', 'rule'];
const MOST_OPTIONS = 600;
const ROWS = 200;
const ROWS_ON_A_NARROW_SCREEN = 50;

const COLUMNS = [
  { label: 'Time', cell: (exchange) => time(exchange.time) },
  { label: 'Outcome', cell: (exchange) => [badge(exchange.outcome, exchange.outcome === 'refused' ? 'bad' : 'good'), exchange.cached && el('span', { class: 'detail' }, 'cached')] },
  { label: 'Reason', cell: (exchange) => (exchange.reason ? breakable(exchange.reason) : '') },
  { label: 'Target', cell: (exchange) => breakable(exchange.target ?? '') },
  { label: 'Issuer', cell: (exchange) => breakable(exchange.issuer ?? '') },
  { label: 'Rule', cell: (exchange) => breakable(exchange.rule ?? '') },
  { label: 'Edge', cell: (exchange) => (exchange.intent === 'explain' ? `${exchange.edge}, explained` : (exchange.edge ?? '')) },
  { label: 'Took', numeric: true, cell: (exchange) => (exchange.micros === undefined ? '' : micros(exchange.micros)) },
];

/** The first panel. While its list has the focus or the pointer, or is paused, no row moves. */
export class Exchanges {
  #model;
  #verdict;
  #broker;
  #past = []; // refused exchanges from before, of the present filters
  #isPastNew = false;
  #pastProblem = ''; // why they could not be read
  #asked = 0; // how often the past was asked for
  #hello = null; // of the stream that the past was asked for
  #newest = 0; // the number of the newest row in the list
  #paused = false;
  #rows;

  /** @param verdict the card that shows the verdict of a chosen row */
  constructor(model, verdict, broker) {
    this.#model = model;
    this.#broker = broker;
    this.#verdict = verdict;
    const list = byId('exchange-list');
    show(list, table('Exchanges, the newest first', COLUMNS, [], () => '', { style: 'rows' }));
    this.#rows = list.querySelector('tbody');
    byId('pause').addEventListener('click', () => this.#pause(!this.#paused));
    for (const name of FILTERS) byId(`filter-${name}`).addEventListener('change', () => this.#refill());
    list.addEventListener('click', (event) => this.#choose(event.target.closest('tbody tr')));
    list.addEventListener('keydown', (event) => this.#key(event));
    list.addEventListener('focusin', (event) => this.#rove(event.target.closest('tbody tr')));
    byId('reasons').addEventListener('click', (event) => this.filter(event.target.closest('[data-reason]')?.dataset.reason));
  }

  render() {
    showOverview(this.#model);
    this.#options();
    if (this.#hello !== this.#model.hello) this.#askPast();
    if (!this.#held() && this.#isPastNew) this.#fill();
    else if (!this.#held()) this.#add();
    this.#note();
  }

  // --- the list

  #held() {
    return this.#paused || byId('exchange-list').matches(':hover, :focus-within');
  }

  #add() {
    const most = this.#most();
    const fresh = this.#waiting().slice(0, most);
    this.#rows.prepend(...fresh.map(row));
    while (this.#rows.rows.length > most) this.#rows.lastElementChild.remove();
    this.#newest = this.#model.exchanges[0]?.number ?? this.#newest;
    this.#ensureTabStop();
  }

  #refill() {
    this.#past = [];
    this.#fill();
    this.#askPast();
  }

  /** Makes the list anew, of what the stream has shown and of the refused exchanges before it. */
  #fill() {
    this.#isPastNew = false;
    const live = new Set(this.#model.exchanges.map(({ verdict_id: id }) => id));
    const all = [...this.#model.exchanges, ...this.#past.filter(({ verdict_id: id }) => !live.has(id))]
      .filter((exchange) => this.#isWanted(exchange))
      .sort((one, other) => Date.parse(other.time) - Date.parse(one.time));
    this.#newest = this.#model.exchanges[0]?.number ?? 0;
    this.#rows.replaceChildren(...all.slice(0, this.#most()).map(row));
    this.#ensureTabStop();
    this.#note();
  }

  /** Asks for the refused exchanges that the broker still knows: with each stream, and for each choice of filters. */
  async #askPast() {
    this.#hello = this.#model.hello;
    this.#asked += 1;
    const asked = this.#asked;
    const chosen = new URLSearchParams(FILTERS.slice(1).flatMap((name) => (this.#chosen(name) ? [[name, this.#chosen(name)]] : [])));
    let problem = '';
    const { refused } = await this.#broker.json(`/verdicts?${chosen}`).catch(({ message }) => {
      problem = `Refused exchanges from before could not be read: ${message.replace(/\.?$/, '.')} `;
      return { refused: [] }; // the stream goes on without them
    });
    if (asked !== this.#asked) return; // of filters that are no longer chosen
    this.#past = refused;
    this.#pastProblem = problem;
    this.#isPastNew = true;
    if (this.#held()) this.#note();
    else this.#fill();
  }

  #most() {
    return matchMedia('(max-width: 44.99rem)').matches ? ROWS_ON_A_NARROW_SCREEN : ROWS;
  }

  #chosen(name) {
    return byId(`filter-${name}`).value;
  }

  #isWanted(exchange) {
    return FILTERS.every((name) => !this.#chosen(name) || exchange[name] === this.#chosen(name));
  }

  #waiting() {
    const end = this.#model.exchanges.findIndex(({ number }) => number <= this.#newest);
    const fresh = end < 0 ? this.#model.exchanges : this.#model.exchanges.slice(0, end);
    return fresh.filter((exchange) => this.#isWanted(exchange));
  }

  #note() {
    const waiting = this.#held() ? this.#waiting().length : 0;
    const rows = this.#rows.rows.length;
    const per = this.#model.hello?.sampled_per_second ?? 0;
    const text =
      waiting > 0
        ? `${count(waiting)} newer, held back ${this.#paused ? 'by the pause' : 'while you are in the list'}.`
        : rows > 0
          ? `The newest ${count(rows)}. At most ${count(per)} accepted and ${count(per)} refused a second are sampled; those before the page was opened are refused ones.`
          : FILTERS.some((name) => this.#chosen(name))
            ? 'No exchange that was sampled fits these filters.'
            : 'Exchanges appear here as the broker evaluates them, the newest first.';
    show(byId('list-note'), this.#pastProblem, text);
    byId('exchange-list').hidden = rows === 0;
  }

  #pause(paused) {
    this.#paused = paused;
    byId('pause').setAttribute('aria-pressed', paused);
    show(byId('pause'), paused ? 'Go on' : 'Pause');
    if (!paused) this.#add();
    this.#note();
  }

  /** Offers what has been refused, and the names of the federation in force. */
  #options() {
    const { issuers = [], rules = [], outages = [] } = this.#model.state ?? {};
    const reasons = [...outages, ...refusalsByReason(this.#model.lastSeconds(60))];
    offer('reason', reasons.map(({ reason }) => reason));
    offer('issuer', issuers.map(({ name }) => name));
    offer('target', rules.map(({ target }) => target));
    offer('rule', rules.map(({ name }) => name));
  }

  /** Shows only exchanges that were refused for this reason. */
  filter(reason) {
    if (!reason) return;
    offer('reason', [reason]);
    for (const name of FILTERS) byId(`filter-${name}`).value = name === 'reason' ? reason : '';
    this.#refill();
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

/** Adds the names that a filter does not have yet. */
function offer(name, values) {
  const select = byId(`filter-${name}`);
  const known = new Set([...select.options].map((option) => option.value));
  for (const value of [...new Set(values)].sort()) {
    if (!known.has(value) && known.size < MOST_OPTIONS) select.append(el('option', { value }, value));
    known.add(value);
  }
}

function row(exchange) {
  return el(
    'tr',
    { class: exchange.outcome, 'data-verdict': exchange.verdict_id, tabindex: -1, 'aria-label': [exchange.outcome, exchange.reason, exchange.target, exchange.issuer, time(exchange.time)].filter(Boolean).join(', ') },
    COLUMNS.map((column) => el('td', { class: column.numeric && 'numeric', 'data-label': column.label }, column.cell(exchange))),
  );
}
