// One stream for each page, which comes back, and keeps up with more than it shows.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { launch, WatchedPage } from './browser.mjs';
import { operatorToken, stage } from './stage.mjs';

let browser;

before(async () => {
  browser = await launch();
});

after(() => browser?.close());

test('a page reads one stream, whatever it shows', async () => {
  const watched = await WatchedPage.open(browser);
  await watched.signIn(await operatorToken());
  for (const tab of ['timeline', 'peers', 'federation', 'explain', 'exchanges']) await watched.choose(tab);
  await stage('exchange', 'payments-api');
  await watched.sees('#exchange-list tr', 'payments-api');

  assert.equal(watched.streams, 2, 'the one without a token, and the one with it');
  await watched.faultless(1);
  await watched.close();
});

test('500 exchanges a second are sampled, and the page says so and keeps up', async () => {
  const watched = await WatchedPage.open(browser);
  await watched.signIn(await operatorToken());
  await stage('load', '500');
  try {
    await watched.page.waitForFunction(
      () => {
        const [, shown, all] = /Sampled\s+([\d,]+) of ([\d,]+)/.exec(document.getElementById('figures').innerText) ?? [];
        return Number(all?.replace(',', '')) >= 1_500 && Number(shown) < 300;
      },
      undefined,
      { timeout: 60_000 },
    );
    // How late the newest second is on the screen, and how long a click waits.
    const lag = await watched.page.evaluate(async () => {
      const began = performance.now();
      for (let frame = 0; frame < 30; frame += 1) await new Promise(requestAnimationFrame);
      return (performance.now() - began) / 30;
    });
    assert.ok(lag < 200, `a frame takes ${lag} ms`);
    const newest = await watched.page.$eval('#exchange-list tbody tr td', (cell) => cell.innerText);
    const behind = (Date.now() - Date.parse(`${new Date().toDateString()} ${newest}`)) / 1_000;
    assert.ok(behind < 5, `the newest row is ${behind} s old`);
    assert.ok((await watched.page.$$('#exchange-list tbody tr')).length <= 200);
    assert.doesNotMatch(await watched.text('#figures'), /missed/);
    await watched.page.click('#exchange-list tbody tr');
    await watched.page.waitForSelector('#verdict-body .step');
  } finally {
    await stage('calm');
  }
  await watched.faultless(1);
  await watched.close();
});

test('the stream comes back after a restart of the broker', async () => {
  const watched = await WatchedPage.open(browser);
  await watched.signIn(await operatorToken());
  await watched.sees('#figures', 'Revision');

  await stage('stop');
  await watched.page.waitForSelector('#connection.warn');
  await watched.sees('#connection', 'Connecting again');
  await stage('start');
  await watched.live();

  await stage('exchange', 'payments-api');
  await watched.sees('#exchange-list tr', 'payments-api');
  await watched.close();
});
