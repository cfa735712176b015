// The broker's HTTP interface, with the operator's token where one is needed.

import { expiry, flaw } from './token.js';

/** The page is at console/ of the broker, which a proxy may serve below a path of its own. */
export const ROOT = new URL('../', document.baseURI);

/** An answer that is no success: its status, what the broker says about it, and when to come back. */
export class Refusal extends Error {
  constructor(status, detail, retryAfterSeconds) {
    super(detail);
    this.status = status;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** Sends requests to the broker that has served this page. The token lives in this object and nowhere else. */
export class Broker {
  #token = '';
  #refused;

  /** @param refused takes the answer to a request that needs another token */
  constructor(refused) {
    this.#refused = refused;
  }

  /** Uses this token from the next request on; an empty one for none. */
  identify(token) {
    this.#token = token.trim();
  }

  get hasToken() {
    return this.#token !== '';
  }

  /** How many seconds are left of the token, as its claim exp says; NaN without one. */
  get secondsLeft() {
    return (expiry(this.#token) - Date.now()) / 1_000;
  }

  /** What is wrong with the token, as far as the page can read it. */
  get flaw() {
    return flaw(this.#token);
  }

  /** The response of a request that succeeded; otherwise a Refusal is thrown. */
  async send(path, options = {}) {
    const headers = new Headers(options.headers);
    const token = this.#token;
    if (token) headers.set('Authorization', `Bearer ${token}`);
    const response = await fetch(new URL(path.replace(/^\//, ''), ROOT), {
      ...options,
      headers,
      cache: 'no-store',
      credentials: 'omit',
      redirect: 'error',
      referrerPolicy: 'no-referrer',
    });
    if (response.ok) return response;
    const problem = await refusal(response);
    // A request with an earlier token says nothing about the present one.
    if (problem.status === 401 && token === this.#token) this.#refused(problem);
    throw problem;
  }

  async json(path, options) {
    const response = await this.send(path, options);
    return response.json();
  }
}

async function refusal(response) {
  const text = await response.text();
  return new Refusal(response.status, detail(text, response), Number(response.headers.get('Retry-After')) || 0);
}

/** What a problem document (RFC 9457) or an OAuth error says; the status if the body says nothing. */
function detail(text, response) {
  const plain = `The broker answered ${response.status}.`;
  try {
    const problem = JSON.parse(text);
    return problem.detail ?? problem.error_description ?? plain;
  } catch {
    return plain;
  }
}
