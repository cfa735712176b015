// Chromium with the console in it. What must never happen is noted while a page lives: see WatchedPage.faultless().
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { chromium } from 'playwright-core';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const PATIENCE_MILLIS = 60_000;
const POLL_MILLIS = 50;

export const baseUrl = process.env.BASE_URL ?? 'http://localhost:8080';

const WIDTHS = { 360: 740, 768: 900, 1440: 900 };

/** Each screen on which the page must fit, light and dark. */
export const SCREENS = Object.fromEntries(
  ['light', 'dark'].flatMap((colorScheme) =>
    Object.entries(WIDTHS).map(([width, height]) => [`${colorScheme}, ${width} px wide`, { colorScheme, viewport: { width: Number(width), height } }]),
  ),
);

/** Starts Chromium with an empty profile and without calls of its own. */
export function launch() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    headless: false, // the new headless mode is that of the browser itself
    args: [
      '--headless=new',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--disable-lcd-text', // the same text on every machine, and small screenshots
    ],
  });
}

/** A page of the console, with a note of all that it must not do. */
export class WatchedPage {
  /** Requests for the stream. */
  streams = 0;
  #problems = [];
  #refusals = 0;

  constructor(page, context, base) {
    this.page = page;
    this.context = context;
    this.base = base;
    page.setDefaultTimeout(PATIENCE_MILLIS);
    page.on('pageerror', (error) => this.#problems.push(`error: ${error.stack}`));
    page.on('console', (message) => this.#console(message));
    page.on('request', (request) => this.#request(request));
    page.on('response', (response) => this.#response(response));
  }

  /**
   * @param options of the browser's context: colorScheme, viewport
   * @param base the address of the broker
   */
  static async open(browser, options = {}, hash = '', base = baseUrl) {
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, reducedMotion: 'reduce', ...options });
    const page = await context.newPage();
    await page.addInitScript(() => {
      globalThis.violations = [];
      document.addEventListener('securitypolicyviolation', (event) =>
        globalThis.violations.push(`${event.violatedDirective} ${event.blockedURI} ${event.sample}`),
      );
    });
    const watched = new WatchedPage(page, context, base);
    await page.goto(new URL(`/console/${hash}`, base).href);
    return watched;
  }

  #console(message) {
    if (!['error', 'warning'].includes(message.type())) return;
    // Chromium itself reports each request without success. Those with an expected status are counted by responses.
    if (message.text().startsWith('Failed to load resource')) return;
    this.#problems.push(`console: ${message.text()}`);
  }

  #request(request) {
    const url = new URL(request.url());
    if (url.origin !== new URL(this.base).origin) this.#problems.push(`request to ${url.origin}`);
    if (url.pathname === '/live') this.streams += 1;
  }

  #response(response) {
    if (response.status() === 401) this.#refusals += 1;
    else if (response.status() >= 400) this.#problems.push(`${response.status()} for ${response.url()}`);
  }

  /** Signs in as an operator and waits for the stream. */
  async signIn(token) {
    await this.page.fill('#token', token);
    await this.page.keyboard.press('Enter');
    await this.live();
  }

  /** Waits for the stream; if it does not come, says what the page shows instead. */
  async live() {
    try {
      await this.page.waitForSelector('#connection.good');
    } catch (error) {
      const shown = await this.page.locator('#connection').evaluate((each) => `${each.className} "${each.innerText}"`);
      throw new Error(`no stream after ${this.streams} requests; shown ${shown}; ${this.#problems.join('; ')}`, { cause: error });
    }
  }

  async choose(tab) {
    await this.page.click(`#tab-${tab}`);
    await this.page.waitForSelector(`#panel-${tab}:not([hidden])`);
  }

  /** Waits until an element has such a text; if it does not come, says what the page shows instead and whether it draws. */
  async sees(selector, text) {
    try {
      await this.page.waitForFunction(
        ([wanted, place]) => [...document.querySelectorAll(place)].some((each) => each.innerText.includes(wanted)),
        [text, selector],
        { polling: POLL_MILLIS },
      );
    } catch (error) {
      const shown = await this.page.locator(selector).allInnerTexts();
      const draws = await this.page.evaluate(
        (millis) => new Promise((done) => (requestAnimationFrame(() => done(true)), setTimeout(() => done(false), millis))),
        1_000,
      );
      throw new Error(
        `"${text}" is not in ${selector}: ${JSON.stringify(shown)}; ${draws ? 'draws' : 'draws no frames'}, ${this.streams} streams, ${await this.text('#connection')}; ${this.#problems.join('; ')}`,
        { cause: error },
      );
    }
  }

  text(selector) {
    return this.page.innerText(selector);
  }

  /** No rule of axe-core is violated in what the page shows now. */
  async accessible(state) {
    await this.page.evaluate(AXE);
    const { violations } = await this.page.evaluate(() => globalThis.axe.run());
    const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).slice(0, 3).join(' | ')}`);
    assert.deepEqual(found, [], state);
  }

  /** The page is not wider than its window. */
  async fits(state) {
    const wider = await this.page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    assert.equal(wider, 0, `${state}: wider by ${wider} px`);
  }

  /**
   * Nothing went wrong: no error, no warning, no violation of the policy, no request elsewhere.
   *
   * @param refusals how many requests were answered 401
   */
  async faultless(refusals = 0) {
    const violations = await this.page.evaluate(() => globalThis.violations);
    assert.deepEqual([...this.#problems, ...violations], []);
    assert.equal(this.#refusals, refusals, 'requests that were answered 401');
  }

  close() {
    return this.context.close();
  }
}
