// The bar above the panels: what is refused now, why, and when it ended.

import { announce } from './copy.js';
import { byId, el, show } from './dom.js';
import { about, count, micros, time } from './format.js';
import { groups } from './outages.js';
import { differ } from './replicas.js';
import { breakable } from './table.js';

const MOST = 3;
const MOST_ENDED = 2;

let said = '';

export function showAttention(model) {
  const { state, now } = model;
  const all = groups(state?.outages ?? [], model.changesNewestFirst(), now);
  const going = all.filter(({ ended }) => !ended);
  const proved = going.filter(({ unproved }) => !unproved);
  const ended = all.filter((each) => each.ended && !each.unproved).sort((one, other) => Date.parse(other.ended) - Date.parse(one.ended));
  const slow = model.slowness.now;
  show(
    byId('attention'),
    differ(state?.replicas ?? []) && note('warn', 'unequal', el('p', {}, el('strong', {}, 'Not equal at all replicas: '), 'revision'), el('a', { href: '#replicas' }, 'Show the replicas')),
    proved.slice(0, MOST).map((each) => outage('bad', each, now)),
    proved.length > MOST && note('bad', 'more', el('p', {}, `Refused at ${count(proved.length - MOST)} more peers.`), el('a', { href: '#peers' }, 'Show the peers')),
    slow && slowStep(slow, model),
    going.filter(({ unproved }) => unproved).slice(0, 1).map((each) => outage('warn', each, now)),
    ended.slice(0, MOST_ENDED).map((each) => outage('calm', each, now)),
  );
  const headline = [...proved.map(({ peer }) => `Refused now: ${peer}.`), ...ended.slice(0, 1).map((each) => `Refusals of ${each.peer} ended.`)].join(' ');
  if (headline !== said) announce(headline);
  said = headline;
}

function note(tone, key, ...content) {
  return el('div', { class: `note ${tone}`, 'data-key': key }, content);
}

function outage(tone, { key, peer, unproved, ended, outages, causes }, now) {
  const first = outages[0];
  const single = outages.filter(({ effect }) => !effect).length < 2;
  return note(
    tone,
    key,
    el(
      'div',
      {},
      el('p', {}, el('strong', {}, ended ? `Refusals ended ${time(ended, now)}: ` : 'Refused now: '), `${peer}. `, outages.map((each, at) => [at > 0 && ' ', line(each, now, Boolean(ended))])),
      causes.map(({ change, reasons, ofAll }) => el('p', { class: 'cause' }, el('strong', {}, ofAll ? 'Cause: ' : `Cause of ${reasons.join(', ')}: `), changeText(change), `, noticed ${time(change.time, now)}.`)),
      unproved && el('p', { class: 'detail' }, 'Anybody can cause these; no signature proves them.'),
      !ended && el('p', { class: 'detail' }, `${single ? 'Remedy' : `Remedy of ${first.reason}`}: ${first.remedy}`),
    ),
    el(
      'p',
      { class: 'links' },
      el('button', { type: 'button', class: 'link', 'data-reason': first.reason, title: first.reason }, 'Show the exchanges'),
      el('a', { href: '#timeline' }, 'Show the timeline'),
    ),
  );
}

/** "KEY_UNKNOWN: 82 refusals since 14:03:10, of 8 subjects." */
function line(each, now, over) {
  const until = each.ended && !over ? ` to ${time(each.last_time, now)}` : '';
  return [el('span', { class: 'term' }, el('span', { class: 'reason' }, breakable(each.reason)), ':'), ` ${numbers(each, now)}${until}, of ${hit(each)}.`];
}

/** The one count of an outage, with its window. */
export function numbers({ count: number, since_time: since }, now) {
  return `${count(number)} ${number === 1 ? 'refusal' : 'refusals'} since ${time(since, now)}`;
}

/** How many it hits. */
export function hit({ subjects, credentials }) {
  const [number, noun] = subjects === undefined ? [credentials, 'credential'] : [subjects, 'subject'];
  return `${about(number)} ${noun}${number === 1 ? '' : 's'}`;
}

function changeText({ kind, subject_kind: subjectKind, subject }) {
  return [kind, subject && `of ${subjectKind} ${subject}`].filter(Boolean).join(' ');
}

function slowStep({ step, mean, most, before, since_time: since, ended_time: ended }, model) {
  const upstream = step === 'upstream' && slowestUpstream(model, since);
  const where = `step ${step}${upstream ? ` of upstream ${upstream}` : ''}`;
  return note(
    ended ? 'calm' : 'warn',
    'slow',
    el('p', {}, el('strong', {}, ended ? `Slowness ended ${time(ended, model.now)}: ` : 'Slow now: '), `${where} ${ended ? `took up to ${micros(most)}` : `takes ${micros(mean)}`} on average, and took ${micros(before)} before ${time(since, model.now)}.`),
    el('a', { href: '#peers' }, 'Show the peers'),
  );
}

function slowestUpstream({ exchanges }, since) {
  const from = Date.parse(since) - 5_000;
  return exchanges.filter((each) => each.upstream && !each.cached && Date.parse(each.time) > from).sort((one, other) => other.micros - one.micros)[0]?.upstream;
}
