// Each fault button of dev mode: what callers get, what the timeline says, and what the peers are sent.
//
//   BASE_URL=http://localhost:8080 node --test faults.test.mjs
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { baseUrl, launch, WatchedPage } from './browser.mjs';

const EFFECT_MILLIS = 60_000;
const ENDED_MILLIS = 12_000; // 10 s, and what the screen is behind

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

for (const { name, label, reason, change } of faults) {
  test(`${name}: ${reason || 'callers are unharmed'}, ${change || 'no change'}`, async () => {
    const { page } = watched;
    await page.click(`[data-fault="${name}"]`);
    await page.waitForSelector(`[data-fault="${name}"][aria-pressed=true]`);
    await watched.sees('.fault-active', label);

    for (const text of [reason, change].filter(Boolean)) {
      await page.waitForFunction((wanted) => [...document.querySelectorAll('[data-key=panels] .badge')].some((badge) => badge.innerText === wanted), text, {
        timeout: EFFECT_MILLIS,
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
    await staysFlat();
    await page.click('#restore');
    await page.waitForSelector('#restore:disabled');
    if (reason || name === 'slow') {
      await page.waitForFunction(() => /ended \d/.test(document.getElementById('attention').innerText) && !document.querySelector('#attention .note.bad'), undefined, { timeout: ENDED_MILLIS });
    }
    // The next fault begins when callers are served again.
    await page.waitForFunction(() => /Refused now\s+0\/s/.test(document.getElementById('figures').innerText), undefined, { timeout: EFFECT_MILLIS });
  });
}

test('the panels of a fault follow the rules of axe-core and fit 360 px, light and dark', async () => {
  await watched.page.click('[data-fault=slow]');
  for (const colorScheme of ['light', 'dark']) {
    const narrow = await WatchedPage.open(browser, { colorScheme, viewport: { width: 360, height: 740 } }, '#faults');
    await narrow.page.waitForSelector('#fault-effect figure');
    await narrow.accessible(colorScheme);
    await narrow.fits(colorScheme);
    await narrow.faultless();
    await narrow.close();
  }
  await watched.page.click('#restore');
  await watched.page.waitForSelector('#restore:disabled');
});

/** Whatever callers do, no peer is sent more than its bound allows. */
async function staysFlat() {
  const peers = await watched.page.$$eval('#fault-effect figure', (figures) =>
    figures.map(({ dataset }) => ({ peer: dataset.key, sent: Number(dataset.sent), allowed: Number(dataset.allowed) })),
  );
  assert.ok(peers.some(({ peer }) => peer === 'upstream corp-sso'), JSON.stringify(peers));
  for (const { peer, sent, allowed } of peers) assert.ok(sent <= allowed + 1e-6, `${peer}: ${sent} of ${allowed}`);
}
