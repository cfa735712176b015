// A verdict as a tree of its steps, with the failed one open.

import { hit, numbers } from './attention.js';
import { copyButton } from './copy.js';
import { el } from './dom.js';
import { micros, revision, time } from './format.js';
import { peer } from './outages.js';
import { badge, breakable } from './table.js';

const MARKS = { passed: '✓', failed: '✗', skipped: '–' };

/** The nodes that show a verdict. */
export function verdictTree(verdict) {
  const refused = verdict.outcome === 'refused';
  return [
    el(
      'p',
      { class: 'verdict-outcome' },
      badge(verdict.outcome, refused ? 'bad' : 'good'),
      refused && [el('strong', { class: 'reason' }, breakable(verdict.reason)), copyButton(verdict.reason, 'reason')],
    ),
    verdict.outage && el('p', { class: 'outage' }, outage(verdict.outage)),
    verdict.last_failure && facts([['Last failure', breakable(verdict.last_failure.reason)], ['Remedy', remedy(verdict.last_failure.remedy)]]),
    el('ol', { class: 'steps', 'aria-label': 'Steps' }, (verdict.steps ?? []).map((step) => stepItem(step, verdict))),
    facts([
      ['Target', verdict.target],
      ['Issuer', verdict.issuer],
      ['Rule', verdict.rule],
      ['Evaluated', `${time(verdict.evaluation_time)}, to ${verdict.intent === 'explain' ? 'explain' : 'exchange'}`],
      ['Revision', verdict.federation_revision && revision(verdict.federation_revision)],
      ['Verdict', verdict.id && [verdict.id, ' ', copyButton(verdict.id, 'verdict id')]],
    ]),
    !refused && sayings('Notes', [...verdict.hints, ...verdict.notes]),
    shadows(verdict.shadow_rules ?? []),
  ].filter(Boolean);
}

function stepItem(step, verdict) {
  const failed = step.result === 'failed';
  const line = [
    el('span', { class: 'step-mark', 'aria-hidden': 'true' }, MARKS[step.result] ?? '·'),
    el('span', { class: 'step-name' }, step.name),
    el('span', { class: 'step-result' }, step.result),
    el('span', { class: 'step-time' }, step.result === 'skipped' ? '' : micros(step.micros)),
  ];
  const body = [
    facts([
      ['Expected', step.expected && breakable(step.expected)],
      ['Seen', step.seen && breakable(step.seen)],
      [verdict.last_failure ? 'For the caller' : 'Remedy', failed && verdict.remedy && remedy(verdict.remedy)],
    ]),
    failed && sayings('Hints', verdict.hints),
    failed && sayings('Notes', verdict.notes),
  ].filter(Boolean);
  return el(
    'li',
    { class: `step ${step.result}` },
    body.length > 0
      ? el('details', { open: failed }, el('summary', {}, line), el('div', { class: 'step-body' }, body))
      : el('div', { class: 'step-line' }, line),
  );
}

const remedy = (text) => [text, ' ', copyButton(text, 'remedy')];

/** What the verdict is part of, with the numbers that the whole page has. */
function outage(each) {
  return `One of ${numbers(each)} of ${peer(each)}, of ${hit(each)}; ${each.ended ? `ended ${time(each.last_time)}` : 'going on'}.`;
}

function facts(pairs) {
  const known = pairs.filter(([, value]) => value);
  return known.length > 0 && el('dl', { class: 'facts' }, known.map(([name, value]) => [el('dt', {}, name), el('dd', {}, value)]));
}

function sayings(title, texts) {
  return texts.length > 0 && el('div', { class: 'sayings' }, el('h3', {}, title), el('ul', {}, texts.map((text) => el('li', {}, breakable(text)))));
}

function shadows(findings) {
  return sayings(
    'Shadow rules',
    findings.map(({ rule, outcome, reason }) => `${rule}: ${outcome}${reason ? `, ${reason}` : ''}`),
  );
}
