// Tables whose rows turn into cards on a narrow screen.

import { el } from './dom.js';

/**
 * A table.
 *
 * @param caption names it for screen readers
 * @param columns each with a label, a function cell(row), and numeric for figures
 * @param keyOf gives each row its identity
 */
export function table(caption, columns, rows, keyOf) {
  return el(
    'table',
    { class: 'cards' },
    el('caption', { class: 'unseen' }, caption),
    el('thead', {}, el('tr', {}, columns.map((column) => el('th', { scope: 'col', class: numeric(column) }, column.label)))),
    el(
      'tbody',
      {},
      rows.map((row) =>
        el(
          'tr',
          { 'data-key': keyOf(row) },
          columns.map((column) => el('td', { class: numeric(column), 'data-label': column.label }, column.cell(row))),
        ),
      ),
    ),
  );
}

function numeric(column) {
  return column.numeric && 'numeric';
}

/** Says what would stand at an empty place. */
export const empty = (text) => el('p', { class: 'empty' }, text);

/** A word that stands for a state. @param tone "good", "warn", "bad" or "calm" */
export const badge = (word, tone) => el('span', { class: `badge ${tone}` }, word);

/** A name over a smaller line. */
export const named = (name, detail) => [el('span', { class: 'name' }, name), el('span', { class: 'detail' }, detail)];
