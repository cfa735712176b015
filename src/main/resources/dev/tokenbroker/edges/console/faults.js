// Faults of the development issuer: what callers get, what the timeline says, and what the peers are sent.

import { boundChart, rates } from './charts.js';
import { byId, el, show } from './dom.js';
import { count, percent, perSecond, span, time } from './format.js';
import { total } from './model.js';
import { peer } from './outages.js';
import { badge, empty, breakable, table } from './table.js';
import { changeItem } from './timeline.js';

const GROUPS = { keys: 'Keys', transport: 'Transport', credential: 'Credentials', load: 'Load' };
const POLL_MILLIS = 3_000;
const SHORTEST_CHART_SECONDS = 60;

/** The last panel, in dev mode only. */
export class Faults {
  #model;
  #broker;
  #open; // opens a verdict
  #document = null;
  #askedAt = -Infinity;
  #busy = false;

  constructor(model, broker, open) {
    this.#model = model;
    this.#broker = broker;
    this.#open = open;
    byId('fault-buttons').addEventListener('click', (event) => this.#press(event.target.closest('[data-fault]')));
    byId('fault-effect').addEventListener('click', (event) => this.#openVerdict(event.target.closest('[data-verdict]')));
    byId('restore').addEventListener('click', () => this.#send('DELETE', ''));
  }

  render() {
    if (!this.#busy && performance.now() - this.#askedAt > POLL_MILLIS) this.#send('GET', '');
    if (!this.#document) return;
    const { faults, active, traffic } = this.#document;
    show(byId('traffic'), traffic && `${count(traffic.callers)} callers exchange credentials of the issuer ci, ${count(traffic.per_second)} times a second. A fault lasts until Restore or the next one.`);
    byId('restore').disabled = !active;
    show(byId('fault-buttons'), Object.entries(GROUPS).map(([group, title]) => groupOf(title, faults.filter((fault) => fault.group === group))));
    const fault = faults.find(({ name }) => name === active);
    show(byId('fault-effect'), fault ? this.#effect(fault) : el('section', { class: 'card' }, empty('Press a fault. This place then shows what callers get, what the timeline says, and what the broker sends to its peers.')));
  }

  #press(button) {
    if (button) this.#send('POST', `/${encodeURIComponent(button.dataset.fault)}`);
  }

  async #send(method, path) {
    this.#busy = true;
    this.#askedAt = performance.now();
    try {
      this.#document = await this.#broker.json(`${this.#model.hello.faults}${path}`, { method });
      show(byId('faults-problem'));
    } catch (problem) {
      show(byId('faults-problem'), problem.message);
    }
    this.#busy = false;
    if (method !== 'GET') this.render();
  }

  #openVerdict(button) {
    if (button) this.#open(button.dataset.verdict);
  }

  // --- the active fault

  #effect(fault) {
    const since = Date.parse(this.#document.since_time);
    const seconds = this.#model.secondsSince(since);
    return [
      el('section', { class: 'card fault-active', 'data-key': fault.name }, el('h3', {}, fault.label, el('span', { class: 'aside' }, `for ${span((Date.parse(this.#model.now) - since) / 1_000)}`)), el('p', {}, fault.meaning)),
      el('div', { class: 'grid three', 'data-key': 'panels' }, this.#callers(fault, since, seconds), this.#timeline(fault, since), this.#peers(fault, since, seconds)),
    ];
  }

  #callers(fault, since, seconds) {
    const outages = (this.#model.state?.outages ?? []).filter(({ last_time: last }) => Date.parse(last) >= since);
    const refused = this.#model.exchanges.find((exchange) => exchange.outcome === 'refused' && Date.parse(exchange.time) > since && (!fault.reason || exchange.reason === fault.reason));
    const rows = [{ key: 'accepted', count: total(seconds, 'accepted') }, ...outages.map((each) => ({ ...each, key: `${each.reason} of ${each.kind} ${each.name}${each.unproved ? ', unproved' : ''}` }))];
    return panel(
      'What callers get',
      fault.callers,
      table(
        'Accepted since the fault began, refused since the time in each row',
        [
          { label: 'Answer', cell: (row) => [badge(row.reason ? breakable(row.reason) : row.key, row.reason ? 'bad' : 'good'), row.reason && el('span', { class: 'detail' }, peer(row))] },
          { label: 'Number', numeric: true, cell: (row) => [count(row.count), row.reason && el('span', { class: 'detail' }, row.ended ? `ended ${time(row.last_time)}` : `since ${time(row.since_time)}`)] },
        ],
        rows,
        ({ key }) => key,
        { style: 'rows' },
      ),
      refused && el('button', { type: 'button', 'data-verdict': refused.verdict_id }, 'Open the newest verdict'),
    );
  }

  #timeline(fault, since) {
    const changes = this.#model.changesNewestFirst().filter((change) => Date.parse(change.time) >= since);
    return panel(
      'What the timeline says',
      fault.change ? `Expected: ${fault.change}.` : 'Expected: no change.',
      changes.length > 0 ? el('ol', { class: 'changes' }, changes.slice(0, 10).map((change) => changeItem(change, this.#model.now, this.#model.state?.outages ?? []))) : empty('No change since the fault began.'),
    );
  }

  #peers(fault, since, seconds) {
    const asked = (total(seconds.slice(-10), 'accepted') + total(seconds.slice(-10), 'refused')) / Math.max(1, Math.min(10, seconds.length));
    const state = this.#model.state;
    const length = Math.min(900, Math.max(SHORTEST_CHART_SECONDS, Math.ceil((Date.parse(this.#model.now) - since) / 60_000) * 60));
    const width = byId('fault-effect').querySelector('figure')?.clientWidth ?? 320;
    const chart = (name, points, write, unit) => {
      const last = points.at(-1);
      return el(
        'figure',
        { 'data-key': name, 'data-sent': last?.sent, 'data-allowed': last?.allowed },
        el('figcaption', {}, el('span', { class: 'name' }, name), last && el('span', { class: 'detail' }, unit(last))),
        boundChart(name, points, length, width, write),
      );
    };
    const upstreams = (state?.upstreams ?? []).map(({ name, burst }) =>
      chart(`upstream ${name}`, rates(this.#model.samples('upstream', name), burst), rate, (last) => `${perSecond(last.sent)} sent, ${perSecond(last.allowed)} allowed`),
    );
    const issuers = (state?.issuers ?? []).filter((issuer) => this.#isCalled(issuer)).map(({ name, fetches }) =>
      chart(`issuer ${name}`, this.#model.samples('issuer', name).map(({ at, share }) => ({ at, sent: share, allowed: 1 })), percent, (last) => `${count(fetches)} fetches, ${percent(last.sent)} of the bound`),
    );
    return panel(
      'What peers are sent',
      `Callers ask ${perSecond(asked)}. The broker sends no more than its bound allows.`,
      // Keys come from issuers, tokens from upstreams.
      ...(fault.group === 'keys' ? [issuers, upstreams] : [upstreams, issuers]),
    );
  }

  /** Whether the issuer was sent anything while this page watched. */
  #isCalled({ name }) {
    const samples = this.#model.samples('issuer', name);
    return samples.length > 0 && samples[0].sent < samples.at(-1).sent;
  }
}

const rate = (value) => `${Number(value.toPrecision(2))}`;

function groupOf(title, faults) {
  return (
    faults.length > 0 &&
    el(
      'fieldset',
      { 'data-key': title },
      el('legend', {}, title),
      faults.map(({ name, label, meaning, active }) => el('button', { type: 'button', 'data-key': name, 'data-fault': name, 'aria-pressed': active ? 'true' : 'false', title: meaning }, label)),
    )
  );
}

function panel(title, text, ...content) {
  return el('section', { class: 'card', 'data-key': title }, el('h3', {}, title), el('p', { class: 'hint' }, text), content);
}
