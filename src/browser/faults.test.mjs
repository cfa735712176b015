// Each fault button of dev mode: what callers get, what the timeline says, and what the peers are sent.
//
//   BASE_URL=http://localhost:8080 node --test faults.test.mjs
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { baseUrl, launch, SCREENS, WatchedPage } from './browser.mjs';

const EFFECT_MILLIS = 60_000;
const RIGHT_MILLIS = 10_000;
const ENDED_MILLIS = 10_000;

/** What an operator sees besides the reason and the change of a fault: what led to it, or follows from it. */
const ALSO = {
  keys: ['KEY_REFETCH_COOLING_DOWN'],
  transport: ['UPSTREAM_CIRCUIT_OPEN', 'UPSTREAM_BUDGET_EXHAUSTED', 'circuit-opened'],
  load: ['UPSTREAM_UNAVAILABLE', 'UPSTREAM_BUDGET_EXHAUSTED', 'BROKER_OVERLOADED'],
  'expire-certificate': ['certificate-changed'],
};

const { faults } = await (await fetch(new URL('/dev-issuer/faults', baseUrl))).json();

let browser;
let watched;

before(async () => {
  browser = await launch();
  watched = await WatchedPage.open(browser, {}, '#faults');
  // In dev mode nothing is to be pressed first.
  await watched.live();
  await watched.page.waitForSelector('#fault-buttons button');
});

after(async () => {
  await fetch(new URL('/dev-issuer/faults', baseUrl), { method: 'DELETE' });
  await watched?.faultless();
  await browser?.close();
});

test('the page opens with traffic flowing', async () => {
  await watched.page.waitForFunction(() => /Rate now\s+[1-9][\d,]*\/s/.test(document.getElementById('figures').innerText));
  assert.ok(await watched.page.isHidden('#sign-in'));
  assert.equal(await watched.page.$$eval('#fault-buttons button', (buttons) => buttons.length), faults.length);
});

for (const { name, label, reason, change, group } of faults) {
  test(`${name}: ${reason || 'callers are unharmed'}, ${change || 'no change'}`, async () => {
    const { page } = watched;
    const right = [reason, change, ...(ALSO[group] ?? []), ...(ALSO[name] ?? [])].filter(Boolean);
    await page.click(`[data-fault="${name}"]`);
    const pressed = Date.now();
    await page.waitForSelector(`[data-fault="${name}"][aria-pressed=true]`);
    await watched.sees('.fault-active', label);

    for (const text of [reason, change].filter(Boolean)) {
      await page.waitForFunction((wanted) => [...document.querySelectorAll('[data-key=panels] .badge')].some((badge) => badge.innerText === wanted), text, {
        timeout: left(pressed, EFFECT_MILLIS),
      });
    }
    if (!reason) {
      await page.waitForFunction(() => /accepted\s+[1-9]\d/.test(document.querySelector('[data-key="What callers get"]').innerText));
    } else {
      // A refusal that callers got opens as a tree with its failed step open.
      await page.click('[data-key="What callers get"] [data-verdict]');
      await page.waitForSelector('#verdict-body .step.failed details[open]');
      assert.match(await watched.text('#verdict-body .verdict-outcome'), new RegExp(`refused\\s+${reason}`));
      await page.keyboard.press('Escape');
      await watched.choose('faults');
    }
    // The bar alone names what is wrong: the reason, or the step that is slow and where.
    const named = reason || (name === 'slow' ? 'Slow now: step upstream of upstream corp-sso' : '');
    await page.waitForFunction((text) => document.getElementById('attention').innerText.includes(text), named, { timeout: left(pressed, EFFECT_MILLIS) });
    await page.waitForTimeout(left(pressed, RIGHT_MILLIS));
    assert.deepEqual((await barSays()).filter((text) => !right.includes(text)), [], 'the bar names another fault');
    await staysFlat();
    await page.click('#restore');
    await page.waitForSelector('#restore:disabled', { timeout: ENDED_MILLIS });
    if (named) {
      await page.waitForFunction(
        (text) => {
          const now = [...document.querySelectorAll('#attention .note:not(.calm)')];
          const ended = [...document.querySelectorAll('#attention .note.calm')].map((note) => note.innerText);
          return now.every((note) => !note.innerText.includes(text)) && ended.some((note) => /ended \d/.test(note) && note.includes(text));
        },
        reason || 'step upstream',
        { timeout: ENDED_MILLIS },
      );
    }
    // The next fault begins when callers are served again.
    await page.waitForFunction(() => /Refused now\s+0\/s/.test(document.getElementById('figures').innerText), undefined, { timeout: EFFECT_MILLIS });
  });
}

test('the panels of a fault follow the rules of axe-core and fit, light and dark', async () => {
  await watched.page.click('[data-fault=slow]');
  for (const [name, options] of Object.entries(SCREENS)) {
    const screen = await WatchedPage.open(browser, options, '#faults');
    await screen.page.waitForSelector('#fault-effect figure');
    await screen.accessible(name);
    await screen.fits(name);
    await screen.faultless();
    await screen.close();
  }
  await watched.page.click('#restore');
  await watched.page.waitForSelector('#restore:disabled');
});

const left = (since, millis) => Math.max(1, since + millis - Date.now());

/** The reasons and causes of what the bar says is refused now. */
function barSays() {
  return watched.page.$$eval('#attention .note:not(.calm)', (notes) =>
    notes.flatMap((note) => [
      ...[...note.querySelectorAll('.reason')].map((reason) => reason.innerText),
      ...[...note.querySelectorAll('.cause')].map((cause) => /: ([a-z-]+)/.exec(cause.innerText)[1]),
    ]),
  );
}

/** Whatever callers do, no peer is sent more than its bound allows. */
async function staysFlat() {
  const peers = await watched.page.$$eval('#fault-effect figure', (figures) =>
    figures.map(({ dataset }) => ({ peer: dataset.key, sent: Number(dataset.sent), allowed: Number(dataset.allowed) })),
  );
  assert.ok(peers.some(({ peer }) => peer === 'upstream corp-sso'), JSON.stringify(peers));
  for (const { peer, sent, allowed } of peers) assert.ok(sent <= allowed + 1e-6, `${peer}: ${sent} of ${allowed}`);
}
