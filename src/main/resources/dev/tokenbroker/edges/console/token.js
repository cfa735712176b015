// Reads an operator's token in the page, to say what is wrong with it. Nothing of it is sent or shown but times and names.

import { span } from './format.js';

const AUDIENCE = 'token-broker';
const SCOPE = 'operate';

/** Why the broker cannot accept a token, as far as its claims show; empty if they are as they must be. */
export function flaw(token) {
  const claims = read(token);
  if (!claims) return 'This is no JWT: a JWT has three parts with dots between them.';
  const late = Date.now() / 1_000 - claims.exp;
  if (late > 0) return `The token expired ${span(late)} ago.`;
  if (![claims.aud].flat().includes(AUDIENCE)) return `The token is for the audience ${[claims.aud].flat().join(', ') || '(none)'}.`;
  if (!(claims.scope ?? '').split(' ').includes(SCOPE)) return `The token has the scope ${claims.scope || '(none)'}.`;
  return '';
}

/** When the token expires, in milliseconds; NaN if it does not say so. Only the broker decides whether it holds. */
export function expiry(token) {
  return Number(read(token)?.exp ?? NaN) * 1_000;
}

function read(token) {
  const parts = token.split('.');
  if (parts.length !== 3) return null;
  try {
    const bytes = Uint8Array.from(atob(parts[1].replaceAll('-', '+').replaceAll('_', '/')), (char) => char.charCodeAt(0));
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return null;
  }
}
