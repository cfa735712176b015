// Buttons that copy a text, and what the page says to screen readers.

import { byId, el, show } from './dom.js';

const SHOWN_MILLIS = 2_000;

/** A button that copies a text. @param name says what the text is: "verdict id" */
export function copyButton(text, name) {
  return el('button', { type: 'button', class: 'copy', 'data-copy': text, 'aria-label': `Copy the ${name}`, title: `Copy the ${name}` }, 'Copy');
}

/** The first eight characters of an id. The whole is in the title, and a click copies it. */
export function shortId(id) {
  if (id.length <= 8) return el('code', {}, id);
  return el('button', { type: 'button', class: 'id', 'data-copy': id, title: id }, el('code', {}, `${id.slice(0, 8)}…`));
}

/** Says a text to screen readers, once. */
export function announce(text) {
  show(byId('said'), text);
}

async function copy(button) {
  let said;
  try {
    await navigator.clipboard.writeText(button.dataset.copy);
    said = 'Copied';
  } catch {
    said = 'Not copied';
  }
  announce(said);
  if (!button.classList.contains('copy')) return;
  button.textContent = said;
  setTimeout(() => (button.textContent = 'Copy'), SHOWN_MILLIS);
}

document.addEventListener('click', (event) => {
  const button = event.target.closest?.('[data-copy]');
  if (button) copy(button);
});
