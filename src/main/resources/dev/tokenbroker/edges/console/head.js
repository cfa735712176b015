// The head of the page: the connection, what is left of the token, and the figures of now.

import { byId, el, show } from './dom.js';
import { count, micros, percent, perSecond, revision, span, time } from './format.js';
import { total } from './model.js';

const STATES = {
  connecting: ['Connecting', 'calm'],
  live: ['Live', 'good'],
  waiting: ['Connecting again', 'warn'],
  closed: ['Closed', 'calm'],
  refused: ['Not permitted', 'bad'],
};

const LAST_SECONDS = 60;

/** Shows the state of the stream. @param now the time of what the page shows; empty if it shows nothing yet */
export function showConnection(state, problem, now) {
  const [text, tone] = STATES[state];
  const place = byId('connection');
  place.className = `connection ${tone}`;
  show(place, problem && state === 'waiting' ? `${text}. ${reason(problem)}${now ? ` The data are of ${time(now)}.` : ''}` : text);
}

/** Shows how long the operator's token is good. @param seconds NaN without a token */
export function showTokenLeft(seconds) {
  const place = byId('token-left');
  place.hidden = Number.isNaN(seconds);
  place.className = seconds < LAST_SECONDS ? 'warn' : 'detail';
  show(place, seconds > 0 ? `Token: ${span(seconds)} left` : 'Token: expired');
}

function reason(problem) {
  return problem.status ? problem.message : 'The broker does not answer.';
}

export function showHead(model) {
  const recent = model.lastSeconds(5);
  const length = Math.max(1, recent.length);
  const accepted = total(recent, 'accepted');
  const refused = total(recent, 'refused');
  const all = accepted + refused;
  const shown = all - total(recent, 'left_out');
  const weighted = recent.reduce((sum, second) => sum + (second.mean_micros ?? 0) * (second.accepted + second.refused), 0);
  show(
    byId('figures'),
    figure('Rate now', recent.length > 0 ? perSecond(all / length) : '–', 'evaluations'),
    figure('Refused now', recent.length > 0 ? perSecond(refused / length) : '–', all > 0 ? percent(refused / all) : 'of all', refused > 0 && 'bad'),
    figure('Mean time', all > 0 ? micros(weighted / all) : '–', 'per evaluation'),
    figure('Revision', model.state?.revision ? revision(model.state.revision) : '–', model.state?.loaded_time ? `loaded ${time(model.state.loaded_time, model.now)}` : model.state && 'none in force', 'code'),
    figure('Sampled', `${count(shown)} of ${count(all)}`, model.missed > 0 ? `shown, ${count(model.missed)} lines missed` : 'shown in 5 s'),
    model.hello?.faults ? figure('Broker', 'dev mode', 'with faults to try') : figure('Broker', model.hello?.broker ?? '–', 'version'),
  );
}

function figure(name, value, detail, tone) {
  return el('div', { class: `figure ${tone || ''}` }, el('dt', {}, name), el('dd', {}, el('span', { class: 'value' }, value), el('span', { class: 'detail' }, detail)));
}
