// The federation in force, its rules, and the candidate beside it.

import { byId, el, show } from './dom.js';
import { count, percent, span, time } from './format.js';
import { leftOut } from './peers.js';
import { badge, empty, named, breakable, table } from './table.js';

const CANDIDATE_MILLIS = 10_000;

/** The fourth panel. It asks for the candidate when it is shown, and then every ten seconds at most. */
export class Federation {
  #model;
  #broker;
  #askedAt = -Infinity;
  #askedFor = null;

  constructor(model, broker) {
    this.#model = model;
    this.#broker = broker;
  }

  render() {
    const { state, now } = this.#model;
    if (!state) {
      show(byId('in-force'), empty('The revision in force comes with the first state of the broker.'));
      show(byId('rules'), empty('Each rule of the federation has a row here, with its hits.'));
      show(byId('candidate'), empty('What a candidate would change appears here.'));
      return;
    }
    show(byId('in-force'), inForce(state, now));
    show(byId('rules-left-out'), leftOut(state.left_out?.rules));
    show(byId('rules'), rules(state.rules, now));
    this.#ask(state.candidate_revision ?? '');
  }

  async #ask(wanted) {
    const at = performance.now();
    if (at - this.#askedAt < CANDIDATE_MILLIS && wanted === this.#askedFor) return;
    this.#askedAt = at;
    this.#askedFor = wanted;
    let nodes;
    try {
      nodes = candidate(await this.#broker.json('/candidate'), this.#model.now);
    } catch (problem) {
      if (problem.status === 401) return; // what was shown stays
      nodes = el('p', { class: 'problem' }, problem.message);
    }
    show(byId('candidate'), nodes);
  }
}

function inForce(state, now) {
  const problems = state.problems ?? [];
  return [
    state.revision && facts([
      ['Revision', el('code', {}, state.revision)],
      ['Loaded', `${time(state.loaded_time, now)}, ${span((Date.parse(now) - Date.parse(state.loaded_time)) / 1_000)} ago`],
    ]),
    problems.length > 0 && [
      el('p', { class: 'problem' }, state.revision ? 'The document on disk has problems, so this revision stays in force:' : 'The document on disk has problems, and no revision is in force:'),
      list(problems),
    ],
  ];
}

function rules(all, now) {
  if (all.length === 0) return empty('The federation has no rules. Each would have a row here, with its hits.');
  const decisions = total(all);
  return table(
    'Rules, in the order in which the broker takes them',
    [
      { label: 'Rule', cell: (rule) => [named(rule.name), rule.disabled && badge('disabled', 'warn'), rule.shadow && badge('shadow', 'calm')] },
      { label: 'Issuer', cell: ({ issuer }) => breakable(issuer) },
      { label: 'Target', cell: ({ target }) => breakable(target) },
      { label: 'Hits', numeric: true, cell: ({ hits }) => count(hits) },
      { label: 'Share', numeric: true, cell: ({ shadow, hits }) => (shadow ? '–' : percent(hits / Math.max(1, decisions))) },
      { label: 'Last use', numeric: true, cell: (rule) => lastUse(rule, now) },
    ],
    all,
    ({ name }) => name,
  );
}

/** How many exchanges these rules have decided; a shadow rule decides none. */
function total(all) {
  return all.reduce((sum, { shadow, hits }) => sum + (shadow ? 0 : hits), 0);
}

function lastUse({ last_use_time: last }, now) {
  return last ? `${span((Date.parse(now) - Date.parse(last)) / 1_000)} ago` : el('span', { class: 'detail' }, 'never');
}

function candidate(report, now) {
  const problems = report.problems ?? [];
  if (!report.revision) {
    return problems.length > 0
      ? [el('p', { class: 'problem' }, 'The candidate has problems, so nothing is compared:'), list(problems)]
      : empty('There is no candidate. A document at token-broker.federation.candidate-path is judged beside the one in force, and its differences appear here.');
  }
  return [
    facts([
      ['Revision', el('code', {}, report.revision)],
      ['Loaded', time(report.load_time, now)],
      ['Cases', `${count(report.cases_passed)} passed, ${count(report.cases_failed)} failed`],
      ['Share compared', percent(report.share)],
      ...Object.entries(report.compared).map(([effect, number]) => [effect, count(number)]),
      ...Object.entries(report.skipped).map(([cause, number]) => [`skipped: ${cause}`, count(number)]),
    ]),
    [...report.case_failures, ...report.warnings].length > 0 && list([...report.case_failures, ...report.warnings]),
    report.differences.length > 0 ? differences(report.differences, now) : empty('No exchange would end differently so far.'),
  ];
}

function differences(all, now) {
  return table(
    'What the candidate would change',
    [
      { label: 'Change', cell: ({ change }) => badge(change, /refus/.test(change) ? 'bad' : 'warn') },
      { label: 'Identity', cell: ({ issuer, subject }) => named(breakable(subject), issuer) },
      { label: 'Target', cell: ({ target }) => breakable(target) },
      { label: 'In force', cell: ({ in_force: decision }) => decided(decision) },
      { label: 'Candidate', cell: (difference) => decided(difference.candidate) },
      { label: 'Times', numeric: true, cell: (difference) => count(difference.count) },
      { label: 'Last', numeric: true, cell: (difference) => time(difference.last_time, now) },
    ],
    all,
    ({ change, issuer, subject, target, scopes, claims }) => [change, issuer, subject, target, JSON.stringify([scopes, claims])].join(', '),
  );
}

function decided({ outcome, reason, rule, scopes }) {
  return named(reason ? breakable(reason) : outcome, [rule && `rule ${rule}`, scopes?.join(' ')].filter(Boolean).join(', '));
}

function facts(pairs) {
  return el('dl', { class: 'facts' }, pairs.map(([name, value]) => [el('dt', {}, name), el('dd', {}, value)]));
}

function list(texts) {
  return el('ul', { class: 'texts' }, texts.map((text) => el('li', {}, text)));
}

