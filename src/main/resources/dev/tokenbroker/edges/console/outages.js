// What is refused now: outages of the state, their causes among the changes, and steps that have become slow.

const ENDED_SHOWN_MILLIS = 300_000;
const FEWEST = 3; // less is no outage
const DOUBT_MILLIS = 10_000; // joins are known to five seconds, at both ends

/** Who refuses, in words: "issuer ci". */
export const peer = ({ kind, name }) => (name === 'none' ? 'no issuer' : `${kind} ${name}`);

/** The change that refusals of this outage, and of none before it, were joined to; null if there is none. */
export function causeOf(outage, changes) {
  return changes.find((change) => (change.joined ?? []).some((risen) => isPartOf(risen, change, outage))) ?? null;
}

/** The outage that these joined refusals are part of, so that both have one number; undefined if it is over and gone. */
export function outageOf(risen, change, outages) {
  return outages.find((outage) => isPartOf(risen, change, outage));
}

/**
 * Refusals that anybody can cause are never joined, so they have no cause, not even that of their peer and reason. A stray refusal
 * may come before an outage, so the outage begins at some time until there are enough refusals.
 */
function isPartOf({ reason, name, delay_seconds: delay }, { time }, outage) {
  const first = Date.parse(time) + delay * 1_000;
  return reason === outage.reason && name === outage.name && !outage.unproved && first >= since(outage) - DOUBT_MILLIS && first <= Date.parse(outage.begun_time) + DOUBT_MILLIS;
}

/**
 * Follows outages from state to state, since a state has only the latest of each peer and reason. A stray refusal does not take
 * the place of an outage that has ended.
 */
export class Followed {
  #known = new Map(); // by peer and reason, oldest first; the last is in the state

  /** The outages of a state that are shown. */
  follow(outages, time) {
    const now = Date.parse(time);
    const all = outages.map((outage) => {
      const key = `${outage.kind} ${outage.name} ${outage.reason} ${outage.unproved ?? false}`;
      const former = (this.#known.get(key) ?? []).filter((each) => last(each) < since(outage) && now - last(each) < ENDED_SHOWN_MILLIS);
      return [key, [...former.map((each) => ({ ...each, ended: true })), outage]];
    });
    this.#known = new Map(all);
    return all.map(([, each]) => each.findLast(({ count }) => count >= FEWEST) ?? each.at(-1));
  }
}

/** The outages of each peer that go on, and apart those that have just ended; what must be mended stands before what follows from it. */
export function groups(outages, changes, now) {
  const byPeer = new Map();
  for (const outage of outages) {
    if (outage.count < FEWEST) continue;
    const key = `${outage.kind} ${outage.name} ${outage.unproved ?? false}`;
    byPeer.set(key, [...(byPeer.get(key) ?? []), outage]);
  }
  return [...byPeer].flatMap(([key, all]) => grouped(key, all, changes, now));
}

function grouped(key, all, changes, now) {
  const going = all.filter(({ ended }) => !ended);
  const lately = all.filter((each) => Date.parse(now) - last(each) < ENDED_SHOWN_MILLIS);
  const latest = Math.max(...lately.map(last));
  const begin = Math.min(...(going.length > 0 ? going : lately.filter((each) => last(each) === latest)).map(since));
  const newest = Math.max(...lately.filter(({ effect }) => !effect).map(since));
  // One that has ended belongs to what goes on if both were there at a time, and no other failure has taken its place since.
  const isOfNewest = (each) => (each.effect ? last(each) >= newest : since(each) === newest || last(each) >= newest + DOUBT_MILLIS);
  const shown = lately
    .filter((each) => !each.ended || (last(each) >= begin - DOUBT_MILLIS && isOfNewest(each)))
    .sort((one, other) => Number(one.effect ?? false) - Number(other.effect ?? false) || since(other) - since(one));
  if (shown.length === 0) return [];
  const group = {
    key,
    peer: peer(shown[0]),
    unproved: Boolean(shown[0].unproved),
    ended: going.length === 0 ? new Date(Math.max(...shown.map(last))).toISOString() : null,
    outages: shown,
    causes: causes(shown, changes),
  };
  // Neither what goes on nor a later end hides that another failure of the peer has ended.
  const others = lately.filter((each) => !shown.includes(each));
  return [group, ...grouped(`${key} ended`, others, changes, now)];
}

const since = (outage) => Date.parse(outage.since_time);
const last = (outage) => Date.parse(outage.last_time);

/** Each change that caused some of these outages, with their reasons. What an effect came after counts only without a root cause. */
function causes(outages, changes) {
  const roots = outages.filter(({ effect }) => !effect);
  const found = collected(roots, changes);
  if (found.length > 0) return found;
  const newest = Math.max(...roots.map(since));
  return collected(outages.filter(({ effect }) => effect), changes)
    .filter(({ change }) => Date.parse(change.time) >= newest - DOUBT_MILLIS)
    .map((cause) => ({ ...cause, ofAll: cause.ofAll && roots.length === 0 }));
}

function collected(outages, changes) {
  const found = new Map();
  for (const outage of outages) {
    const change = causeOf(outage, changes);
    if (change) found.set(change, [...(found.get(change) ?? []), outage.reason]);
  }
  return [...found].map(([change, reasons]) => ({ change, reasons, ofAll: reasons.length === outages.length }));
}

const SLOW_STEPS = ['key', 'review', 'once', 'upstream'];
const SLOW_MICROS = 250_000;
const TIMES_SLOWER = 5;
const FEWEST_STEPS = 3;

/** Follows the steps that wait for peers: whether one takes much longer in the last 5 s than in the minutes before. */
export class Slowness {
  /** The step that is or was slow, with its mean times of 5 s now, at most and before; null if none was. */
  now = null;

  /** @param seconds of the last minutes, oldest first */
  follow(seconds, time) {
    const recent = sums(seconds.slice(-5));
    const slow = this.now && !this.now.ended_time ? this.now : null;
    if (slow) {
      const { mean = 0, count = 0 } = recent.get(slow.step) ?? {};
      if (count === 0) return; // nothing has come back yet
      if (mean > slow.before * 2 && mean > SLOW_MICROS / 2) {
        slow.mean = mean;
        slow.most = Math.max(slow.most, mean);
      } else {
        slow.ended_time = time;
      }
      return;
    }
    const before = sums(seconds.slice(-300, -5));
    for (const step of SLOW_STEPS) {
      const { mean = 0, count = 0 } = recent.get(step) ?? {};
      const usual = before.get(step);
      if (count >= FEWEST_STEPS && usual?.count >= FEWEST_STEPS && mean > SLOW_MICROS && mean > usual.mean * TIMES_SLOWER) {
        this.now = { step, mean, most: mean, before: usual.mean, since_time: time };
        return;
      }
    }
    if (this.now && Date.parse(time) - Date.parse(this.now.ended_time) > ENDED_SHOWN_MILLIS) this.now = null;
  }
}

function sums(seconds) {
  const all = new Map();
  for (const { step, count, mean_micros: mean } of seconds.flatMap((second) => second.steps ?? [])) {
    const sum = all.get(step) ?? { count: 0, total: 0 };
    sum.count += count;
    sum.total += count * mean;
    sum.mean = sum.total / sum.count;
    all.set(step, sum);
  }
  return all;
}
