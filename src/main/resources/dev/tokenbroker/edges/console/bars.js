// Small charts for cells of tables.

import { el, svg } from './dom.js';
import { percent } from './format.js';
import { round } from './frame.js';

/** What was sent to a peer, under what its bound allowed, without scales. */
export function boundCurve(points) {
  const most = Math.max(0.1, ...points.map((point) => point.allowed));
  const place = (member) =>
    points.map((point, index) => `${round((index / Math.max(1, points.length - 1)) * 100)} ${round(23 - (point[member] / most) * 22)}`);
  return svg(
    'svg',
    { class: 'chart curve', viewBox: '0 0 100 24', preserveAspectRatio: 'none', 'aria-hidden': 'true' },
    points.length > 1 && [
      svg('path', { class: 'sent-area', d: `M0 23L${place('sent').join('L')}V23Z` }),
      svg('path', { class: 'sent', d: `M${place('sent').join('L')}` }),
      svg('path', { class: 'allowed', d: `M${place('allowed').join('L')}` }),
    ],
  );
}

/** A bar of a share from 0 to 1. */
export function bar(share, tone = 'plain') {
  return svg(
    'svg',
    { class: `chart bar ${tone}`, viewBox: '0 0 100 8', preserveAspectRatio: 'none', 'aria-hidden': 'true' },
    svg('rect', { class: 'track', width: 100, height: 8 }),
    svg('rect', { class: 'fill', width: round(Math.min(1, Math.max(0, share)) * 100), height: 8 }),
  );
}

/** The used share of a bound, in words too. @param spent whether it looks different, because little is left */
export function meter(share, spent) {
  return el('span', { class: 'meter' }, bar(share, share > 1 ? 'bad' : spent ? 'warn' : 'plain'), ' ', percent(share));
}

/** The place of a time on a logarithmic scale from 1 µs to 10 s. */
export function logarithmic(mean) {
  return Math.log10(Math.max(1, mean)) / 7;
}
