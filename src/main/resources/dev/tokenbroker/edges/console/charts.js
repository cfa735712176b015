// Charts as SVG. Each is made of the data alone; its colours are those of console.css.

import { svg } from './dom.js';
import { count, time } from './format.js';
import { Frame, TOP } from './frame.js';

const RISEN_HEIGHT = 6;

/** Accepted and refused evaluations of the last five minutes, one on the other. @param seconds at least one, oldest first */
export function outcomeChart(seconds, width) {
  const length = 300;
  const accepted = new Array(length).fill(0);
  const refused = new Array(length).fill(0);
  // One slot each, however unevenly they came; only a break of the stream leaves slots empty.
  let slot = length - 1;
  for (let index = seconds.length - 1; index >= 0 && slot >= 0; index -= 1) {
    accepted[slot] = seconds[index].accepted;
    refused[slot] = seconds[index].refused;
    const gap = index > 0 ? Date.parse(seconds[index].time) - Date.parse(seconds[index - 1].time) : 0;
    slot -= Math.max(1, Math.round(gap / 1_000 - 0.4));
  }
  const frame = new Frame(width, 150, Math.max(1, ...accepted.map((value, slot) => value + refused[slot])), length);
  const last = seconds.at(-1);
  return frame.chart(
    'outcomes',
    `Now ${count(last.accepted)} accepted and ${count(last.refused)} refused a second.`,
    frame.area('accepted', accepted, 1),
    frame.area('refused', refused, 1, accepted),
  );
}

/**
 * Refusals of the last fifteen minutes under marks of changes.
 *
 * @param refusals as in the state
 * @param changes newest first
 */
export function refusalChart(refusals, changes, width) {
  const { counts, bucket_seconds: step, end_time: end } = refusals;
  const length = counts.length * step;
  const frame = new Frame(width, 220, Math.max(4, ...counts), length, undefined, 0.5);
  const marks = changes
    .map((change) => ({ change, ago: (Date.parse(end) - Date.parse(change.time)) / 1_000 }))
    .filter(({ ago }) => ago <= length)
    // What is drawn last lies on top.
    .sort((one, other) => weight(one.change) - weight(other.change))
    .map(({ change, ago }) => mark(frame, change, Math.max(0, ago)));
  const sum = counts.reduce((all, value) => all + value, 0);
  return frame.chart(
    'refusals',
    `${count(sum)} refusals in ${length / 60} minutes, and ${count(marks.length)} changes. The list below has the changes.`,
    marks,
    frame.area('refused', counts, step),
  );
}

function weight({ joined = [], warning }) {
  return joined.length > 0 ? 2 : warning ? 1 : 0;
}

/** A change: a line where it happened, and the span in which refusals rose after it. */
function mark(frame, change, ago) {
  const joined = change.joined ?? [];
  const tone = joined.length > 0 ? 'joined' : change.warning ? 'warning' : 'calm';
  const x = frame.x(ago);
  const bottom = frame.y(0);
  const first = Math.min(...joined.map((risen) => risen.delay_seconds));
  const from = frame.x(Math.min(frame.seconds, ago - first));
  const until = frame.x(Math.max(0, ago - 300));
  return svg(
    'g',
    { class: `mark ${tone}`, 'data-change': change.id },
    svg('title', {}, `${time(change.time)} ${change.kind} ${change.subject ?? ''}`),
    joined.length > 0 && svg('rect', { class: 'risen', x: from, y: TOP, width: Math.max(1, until - from), height: RISEN_HEIGHT }),
    svg('line', { x1: x, x2: x, y1: tone === 'calm' ? bottom - 12 : TOP, y2: bottom }),
    svg('circle', { cx: x, cy: tone === 'calm' ? bottom - 12 : TOP, r: 3.5 }),
    svg('rect', { class: 'target', x: x - 6, y: TOP, width: 12, height: bottom - TOP }),
  );
}

/**
 * What was sent to a peer, under what its bound allowed.
 *
 * @param points each with at, sent and allowed
 * @param write turns a value into text
 */
export function boundChart(name, points, length, width, write) {
  const frame = new Frame(width, 110, Math.max(0.5, ...points.map((point) => point.allowed)), length, write);
  const end = points.at(-1)?.at ?? 0;
  const line = (member) => points.map((point) => [(end - point.at) / 1_000, point[member]]);
  const last = points.at(-1);
  const sent = line('sent').filter(([ago]) => ago <= length);
  return frame.chart(
    'bound',
    last ? `${name}: ${write(last.sent)} of ${write(last.allowed)} allowed.` : `${name}: nothing sent yet.`,
    sent.length > 1 &&
      svg('path', {
        class: 'sent-area',
        d: `M${frame.x(sent[0][0])} ${frame.y(0)}L${sent.map(([ago, value]) => `${frame.x(ago)} ${frame.y(value)}`).join('L')}V${frame.y(0)}Z`,
      }),
    frame.line('sent', sent),
    frame.line('allowed', line('allowed').filter(([ago]) => ago <= length)),
  );
}

/**
 * Rates of what was sent and allowed, each over ten seconds.
 *
 * @param samples counters, oldest first
 * @param burst what a bound allows at once
 */
export function rates(samples, burst) {
  const back = 5;
  return samples.slice(1).map((sample, index) => {
    const before = samples[Math.max(0, index + 1 - back)];
    const seconds = Math.max(10, (sample.at - before.at) / 1_000);
    return {
      at: sample.at,
      sent: (sample.sent - before.sent) / seconds,
      allowed: (sample.allowed - before.allowed + burst) / seconds,
    };
  });
}
