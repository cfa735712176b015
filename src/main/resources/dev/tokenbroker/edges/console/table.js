// Tables whose rows turn into cards, or into lines, on a narrow screen.

import { el } from './dom.js';

/**
 * A table.
 *
 * @param caption names it for screen readers
 * @param columns each with a label, a function cell(row), and numeric for figures
 * @param keyOf gives each row its identity, and its name for screen readers
 * @param options noteOf gives what stands below a row over its whole width, if anything; style is "cards", "rows", or "plain" to stay a table
 */
export function table(caption, columns, rows, keyOf, { noteOf = () => null, style = 'cards' } = {}) {
  return el(
    'table',
    { class: style },
    el('caption', { class: 'unseen' }, caption),
    el('thead', {}, el('tr', {}, columns.map((column) => el('th', { scope: 'col', class: numeric(column) }, column.label)))),
    el(
      'tbody',
      {},
      rows.map((row) => [
        el(
          'tr',
          { 'data-key': keyOf(row), 'aria-label': keyOf(row) },
          columns.map((column) => el('td', { class: numeric(column), 'data-label': column.label }, column.cell(row))),
        ),
        noteRow(keyOf(row), noteOf(row), columns.length),
      ]),
    ),
  );
}

function noteRow(key, note, width) {
  return note && el('tr', { class: 'note-row', 'data-key': `below ${key}`, 'aria-label': `Refusals of ${key}` }, el('td', { class: 'note-cell', colspan: width }, note));
}

function numeric(column) {
  return column.numeric && 'numeric';
}

/** A text that may break after the marks within its names, before it breaks within words. */
export const breakable = (text) => text.split(/(?<=[_.:\/-])/).map((part, at) => [at > 0 && el('wbr'), part]);

/** Says what would stand at an empty place. */
export const empty = (text) => el('p', { class: 'empty' }, text);

/** A word that stands for a state. @param tone "good", "warn", "bad" or "calm" */
export const badge = (word, tone) => el('span', { class: `badge ${tone}` }, word);

/** A name over a smaller line. */
export const named = (name, detail) => [el('span', { class: 'name' }, name), el('span', { class: 'detail' }, detail)];
