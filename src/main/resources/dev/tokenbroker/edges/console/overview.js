// What the broker does now, above the list of exchanges: rates, times by step, refusals by reason.

import { bar, logarithmic } from './bars.js';
import { outcomeChart } from './charts.js';
import { byId, el, show } from './dom.js';
import { count, micros } from './format.js';
import { meansByStep, refusalsByReason } from './model.js';
import { empty, table } from './table.js';

const REASONS = 8;

/** Shows the three cards. */
export function showOverview(model) {
  show(byId('outcomes'), outcomeChart(model.lastSeconds(300), byId('outcomes').clientWidth));
  show(byId('step-times'), stepTable(meansByStep(model.lastSeconds(10))));
  show(byId('reasons'), reasonTable(refusalsByReason(model.lastSeconds(60))));
}

function stepTable(steps) {
  if (steps.length === 0) return empty('Each step of an evaluation gets a bar here.');
  return table(
    'Mean time by step',
    [
      { label: 'Step', cell: ({ step }) => step },
      { label: 'Time', cell: ({ mean }) => bar(logarithmic(mean)) },
      { label: 'Mean', numeric: true, cell: ({ mean }) => micros(mean) },
      { label: 'Taken', numeric: true, cell: (step) => count(step.count) },
    ],
    steps,
    ({ step }) => step,
  );
}

function reasonTable(reasons) {
  if (reasons.length === 0) return empty('No refusal. Reasons appear here with their numbers.');
  const most = reasons[0].count;
  return table(
    'Refusals by reason',
    [
      {
        label: 'Reason',
        cell: ({ reason, issuer }) => [
          el('button', { type: 'button', class: 'link', 'data-reason': reason, title: 'Show only these exchanges' }, reason),
          el('span', { class: 'detail' }, issuer),
        ],
      },
      { label: 'Share', cell: (reason) => bar(reason.count / most, 'refused') },
      { label: 'Number', numeric: true, cell: (reason) => count(reason.count) },
    ],
    reasons.slice(0, REASONS),
    ({ key }) => key,
  );
}
