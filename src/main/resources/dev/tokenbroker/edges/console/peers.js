// Issuers, upstreams and the broker's own tokens: whether they can be relied on, and how much of its bound each has used.

import { boundCurve, meter } from './bars.js';
import { rates } from './charts.js';
import { hit, numbers } from './attention.js';
import { shortId } from './copy.js';
import { byId, el, show } from './dom.js';
import { count, offset, span, time } from './format.js';
import { isSpent } from './model.js';
import { badge, empty, named, breakable, table } from './table.js';

const CURVE_SAMPLES = 60;
const FRESHNESS = { fresh: 'good', fixed: 'good', stale: 'calm', expired: 'bad', absent: 'warn' };
const CIRCUITS = { closed: 'good', half_open: 'warn', open: 'bad' };

/** The third panel. */
export class Peers {
  #model;

  constructor(model) {
    this.#model = model;
  }

  render() {
    const state = this.#model.state;
    show(byId('issuers'), this.#issuers(state?.issuers ?? []));
    show(byId('upstreams'), state ? this.#upstreams(state.upstreams) : empty('Each upstream of the federation has a row here, with its circuit and its bound.'));
    const clients = state?.own_clients ?? [];
    byId('own-clients-card').hidden = clients.length === 0;
    show(byId('own-clients'), this.#ownClients(clients));
    show(byId('issuers-left-out'), leftOut(state?.left_out?.issuers));
    show(byId('upstreams-left-out'), leftOut(state?.left_out?.upstreams));
  }

  #issuers(issuers) {
    if (issuers.length === 0) return empty('Each issuer of the federation has a row here, with its keys and its clock.');
    return table(
      'Issuers',
      [
        { label: 'Issuer', cell: ({ name, issuer }) => named(name, breakable(issuer)) },
        { label: 'Keys are', cell: (issuer) => this.#freshness(issuer) },
        { label: 'Keys', cell: keys },
        { label: 'Age', numeric: true, cell: known('age_seconds', span) },
        { label: 'Clock offset', numeric: true, cell: known('clock_offset_seconds', offset) },
        { label: 'Certificate', numeric: true, cell: certificate },
        { label: 'Fetches', numeric: true, cell: ({ fetches, failed_fetches: failed }) => [count(fetches), failed > 0 && el('span', { class: 'detail bad' }, `${count(failed)} failed`)] },
        { label: 'Bound used', cell: ({ name, bound_ratio: ratio = 0 }) => meter(ratio, ratio > 0.9 && this.#model.failsNow(name)) },
      ],
      issuers,
      ({ name }) => name,
      { noteOf: ({ name }) => this.#refusals('issuer', name) },
    );
  }

  #ownClients(clients) {
    return table(
      'Own tokens',
      [
        { label: 'Client', cell: ({ name }) => el('span', { class: 'name' }, name) },
        { label: 'Token', cell: ({ token_seconds: left }) => (left > 0 ? badge('good', 'good') : badge('none', 'warn')) },
        { label: 'Good for', numeric: true, cell: ({ token_seconds: left }) => (left > 0 ? span(left) : '–') },
        { label: 'Circuit', cell: circuit },
        { label: 'Requests', numeric: true, cell: attempts },
        { label: 'Failures', numeric: true, cell: ({ failures }) => count(failures) },
        { label: 'Bound used', cell: bound },
      ],
      clients,
      ({ name }) => name,
    );
  }

  #freshness({ name, disabled, freshness, failed_fetches: failed }) {
    if (disabled) return badge('disabled', 'warn');
    // Keys that nobody needed become stale, too. A failed fetch makes it worth a look.
    const fails = freshness === 'stale' && this.#model.samples('issuer', name)[0].failed < failed;
    return badge(freshness, fails ? 'warn' : (FRESHNESS[freshness] ?? 'calm'));
  }

  /** The refusals of a peer. The last failure, with its remedy, stands before what follows from it. */
  #refusals(kind, name) {
    const all = (this.#model.state.outages ?? [])
      .filter((each) => each.kind === kind && each.name === name)
      .sort((one, other) => Number(one.effect ?? false) - Number(other.effect ?? false) || Date.parse(other.last_time) - Date.parse(one.last_time));
    return all.length > 0 && el('ul', { class: 'risen' }, all.map((outage, at) => el('li', {}, refusal(outage, at === 0, this.#model.now))));
  }

  #upstreams(upstreams) {
    if (upstreams.length === 0) return empty('The federation names no upstream. Each would have a row here, with its circuit and its bound.');
    return table(
      'Upstreams',
      [
        { label: 'Upstream', cell: ({ name }) => el('span', { class: 'name' }, name) },
        { label: 'Circuit', cell: circuit },
        { label: 'In flight', numeric: true, cell: (upstream) => `${count(upstream.in_flight)} of ${count(upstream.in_flight_limit)}` },
        { label: 'Attempts', numeric: true, cell: attempts },
        { label: 'Failures', numeric: true, cell: ({ failures }) => count(failures) },
        { label: 'Bound used', cell: bound },
        { label: 'Retries left', numeric: true, cell: known('budget_tokens', (left) => count(Math.floor(left))) },
        { label: 'Last 2 min', cell: ({ name, burst }) => boundCurve(rates(this.#model.samples('upstream', name), burst).slice(-CURVE_SAMPLES)) },
        { label: 'Certificate', numeric: true, cell: certificate },
      ],
      upstreams,
      ({ name }) => name,
      { noteOf: ({ name }) => this.#refusals('upstream', name) },
    );
  }
}

function keys({ keys: kids, key_count: number }) {
  const rest = number - kids.length;
  return [el('span', { class: 'kids' }, kids.map(shortId)), rest > 0 && el('span', { class: 'detail' }, `and ${count(rest)} more`)];
}

function refusal(outage, isFirst, now) {
  return [
    el('strong', {}, breakable(outage.reason)),
    `: ${numbers(outage, now)}, of ${hit(outage)}${outage.unproved ? ', unproved' : ''}; ${outage.ended ? `ended ${time(outage.last_time, now)}` : 'going on'}.`,
    isFirst && ` Remedy: ${outage.remedy}`,
  ];
}

/** A healthy peer comes near its bound, too, since the bound grows with what is needed. Retries that are spent are worth a look. */
function bound({ bound_ratio: ratio = 0, ...peer }) {
  return meter(ratio, isSpent(peer));
}

function circuit({ circuit: state }) {
  return badge(state.replace('_', '-'), CIRCUITS[state] ?? 'calm');
}

function attempts(upstream) {
  return [count(upstream.attempts), el('span', { class: 'detail' }, `${count(upstream.needed)} needed, ${count(upstream.retries)} ${upstream.retries === 1 ? 'retry' : 'retries'}`)];
}

function certificate({ certificate_days: days }) {
  if (days === undefined) return '–';
  return el('span', { class: days < 0 ? 'bad' : days < 21 ? 'warn' : '' }, days < 0 ? 'expired' : `${count(Math.floor(days))} days`);
}

function known(member, write) {
  return (row) => (row[member] === undefined ? '–' : write(row[member]));
}

export function leftOut(number) {
  return number > 0 && `${count(number)} more are not shown`;
}
