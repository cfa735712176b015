// What the stream has sent, within bounds.

import { Followed, Slowness } from './outages.js';

const SECONDS = 900;
const EXCHANGES = 1_000;
const CHANGES = 1_000;
const SAMPLES = 450; // of each peer, one every 2 s
const LATELY_MILLIS = 60_000;
const TIMED_SECONDS = 60; // whose times by step are kept

/** The steps of an evaluation in their order. A second of the stream has only those that were taken in it. */
const STEPS =
  'request client proof cache admission format issuer algorithm key signature time audience review target rule scopes binding once mint upstream'.split(' ');

/** Everything that the panels show. The panels read it; only take() changes it. */
export class Model {
  hello = null;
  /** The newest line's time by the broker's clock. */
  now = '';
  /** Oldest first. */
  seconds = [];
  /** Sampled exchanges, the newest first; "number" tells them apart. */
  exchanges = [];
  /** By id, oldest first. */
  changes = new Map();
  state = null;
  /** Lines that the page was too slow for. */
  missed = 0;
  slowness = new Slowness();
  #followed = new Followed();
  #peers = new Map();
  #numbered = 0;

  take(line) {
    this.now = line.time ?? this.now;
    switch (line.event) {
      case 'hello':
        this.hello = line;
        // They come again from the beginning; after a restart their numbers do, too.
        this.changes.clear();
        break;
      case 'change':
        this.changes.set(line.id, line);
        if (this.changes.size > CHANGES) this.changes.delete(this.changes.keys().next().value);
        break;
      case 'exchange':
        this.#numbered += 1;
        this.exchanges.unshift({ ...line, number: this.#numbered });
        if (this.exchanges.length > EXCHANGES) this.exchanges.pop();
        break;
      case 'second':
        this.missed += line.missed ?? 0;
        this.seconds.push(line);
        if (this.seconds.length > SECONDS) this.seconds.shift();
        this.seconds.at(-TIMED_SECONDS - 1)?.steps?.forEach((step) => delete step.at_most_micros);
        this.slowness.follow(this.seconds, line.time);
        break;
      case 'state':
        this.#sample(line);
        this.state = { ...line, outages: this.#followed.follow(line.outages ?? [], line.time) };
        break;
    }
  }

  /** The seconds of the last so many seconds. */
  lastSeconds(length) {
    return this.secondsSince(Date.parse(this.now) - length * 1_000);
  }

  /** The seconds that ended after a time in milliseconds. */
  secondsSince(millis) {
    let from = this.seconds.length;
    while (from > 0 && Date.parse(this.seconds[from - 1].time) > millis) from -= 1;
    return this.seconds.slice(from);
  }

  changesNewestFirst() {
    return [...this.changes.values()].reverse();
  }

  /** Samples of what was sent to a peer and what its bound allowed, counted from its start, oldest first. */
  samples(kind, name) {
    return this.#peers.get(`${kind} ${name}`) ?? [];
  }

  /** Whether a fetch from that issuer has failed within the last minute. */
  failsNow(name) {
    const samples = this.samples('issuer', name);
    const last = samples.at(-1);
    return last !== undefined && last.failed > samples.find(({ at }) => at >= last.at - LATELY_MILLIS).failed;
  }

  #sample(state) {
    const at = Date.parse(state.time);
    const known = new Set([...state.issuers.map(({ name }) => `issuer ${name}`), ...state.upstreams.map(({ name }) => `upstream ${name}`)]);
    for (const key of this.#peers.keys()) if (!known.has(key)) this.#peers.delete(key);
    for (const { name, fetches, failed_fetches: failed, bound_ratio: share = 0 } of state.issuers) {
      this.#add(`issuer ${name}`, { at, sent: fetches, failed, share });
    }
    for (const { name, attempts, headroom } of state.upstreams) {
      this.#add(`upstream ${name}`, { at, sent: attempts, allowed: attempts + headroom });
    }
  }

  #add(key, sample) {
    const samples = this.#peers.get(key) ?? [];
    // Counters start at 0 again with the broker.
    if (samples.length > 0 && samples.at(-1).sent > sample.sent) samples.length = 0;
    samples.push(sample);
    if (samples.length > SAMPLES) samples.shift();
    this.#peers.set(key, samples);
  }
}

/** Refusals by reason and issuer or upstream, the most frequent first. */
export function refusalsByReason(seconds) {
  const sums = new Map();
  for (const { reason, issuer, upstream, count } of seconds.flatMap((second) => second.reasons ?? [])) {
    const key = `${reason} ${upstream ?? ''} ${issuer ?? ''}`;
    const sum = sums.get(key) ?? { key, reason, peer: upstream ? `upstream ${upstream}` : (issuer ?? ''), count: 0 };
    sum.count += count;
    sums.set(key, sum);
  }
  return [...sums.values()].sort((one, other) => other.count - one.count);
}

/** Percentiles by step over all these seconds, in the order of the evaluation. */
export function timesByStep(seconds) {
  const sums = new Map();
  for (const { step, count, at_most_micros: times = {} } of seconds.flatMap((second) => second.steps ?? [])) {
    const sum = sums.get(step) ?? { step, count: 0, times: new Map() };
    sum.count += count;
    for (const [bound, number] of Object.entries(times)) sum.times.set(Number(bound), (sum.times.get(Number(bound)) ?? 0) + number);
    sums.set(step, sum);
  }
  return STEPS.filter((step) => sums.has(step)).map((step) => {
    const { count, times } = sums.get(step);
    const sorted = [...times].sort(([one], [other]) => one - other);
    return { step, count, p50: percentile(sorted, 0.5), p99: percentile(sorted, 0.99) };
  });
}

function percentile(sorted, share) {
  let left = sorted.reduce((sum, [, number]) => sum + number, 0) * share;
  return sorted.find(([, number]) => (left -= number) <= 0)?.[0] ?? 0;
}

/** Whether few of the retries are left that could be made at once. */
export const isSpent = ({ budget_tokens: left, burst }) => left < burst / 10;

export function total(seconds, member) {
  return seconds.reduce((sum, second) => sum + (second[member] ?? 0), 0);
}
