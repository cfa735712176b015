// What the broker does now, above the list of exchanges: rates, times by step, refusals by reason.

import { bar, logarithmic } from './bars.js';
import { outcomeChart } from './charts.js';
import { byId, el, show } from './dom.js';
import { hit } from './attention.js';
import { count, micros, time } from './format.js';
import { timesByStep } from './model.js';
import { peer } from './outages.js';
import { empty, breakable, table } from './table.js';

const REASONS = 8;

/** Shows the three cards. */
export function showOverview(model) {
  const seconds = model.lastSeconds(300);
  show(byId('outcomes'), seconds.length > 0 ? outcomeChart(seconds, byId('outcomes').clientWidth) : empty('Evaluations are counted here, second by second.'));
  show(byId('step-times'), stepTable(timesByStep(model.lastSeconds(10))));
  show(byId('reasons'), model.state ? reasonTable(model.state.outages ?? [], model.now) : empty('Reasons appear here with their numbers.'));
}

function stepTable(steps) {
  if (steps.length === 0) return empty('Each step of an evaluation gets a bar here.');
  return table(
    'Time by step',
    [
      { label: 'Step', cell: ({ step }) => step },
      { label: 'Time', cell: ({ p99 }) => bar(logarithmic(p99)) },
      { label: 'p50', numeric: true, cell: ({ p50 }) => micros(p50) },
      { label: 'p99', numeric: true, cell: ({ p99 }) => micros(p99) },
      { label: 'Taken', numeric: true, cell: (step) => count(step.count) },
    ],
    steps,
    ({ step }) => step,
    { style: 'plain' },
  );
}

function reasonTable(outages, now) {
  if (outages.length === 0) return empty('No refusal in 15 minutes. Reasons appear here with their numbers.');
  const most = Math.max(...outages.map(({ count: number }) => number));
  const rest = outages.length - REASONS;
  const rows = table(
    'Refusals by reason',
    [
      {
        label: 'Reason',
        cell: (outage) => [
          el('button', { type: 'button', class: 'link', 'data-reason': outage.reason, title: 'Show only these exchanges' }, breakable(outage.reason)),
          el('span', { class: 'detail' }, `${peer(outage)}, ${hit(outage)}${outage.unproved ? ', unproved' : ''}`),
        ],
      },
      // By the square root, so that a small one is seen beside a storm.
      { label: 'Share', cell: ({ count: number, ended }) => bar(Math.sqrt(number / most), ended ? 'calm' : 'refused') },
      {
        label: 'Number',
        numeric: true,
        cell: ({ count: number, since_time: since, last_time: last, ended }) => [count(number), el('span', { class: 'detail' }, ended ? `ended ${time(last, now)}` : `since ${time(since, now)}`)],
      },
    ],
    outages.slice(0, REASONS),
    ({ kind, name, reason, unproved }) => `${reason} of ${kind} ${name}${unproved ? ', unproved' : ''}`,
    { style: 'rows' },
  );
  return [rows, rest > 0 && el('p', { class: 'detail' }, `and ${count(rest)} more`)];
}
