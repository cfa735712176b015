// Two replicas with different documents: the page marks their revisions until they are equal.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { launch, SCREENS, WatchedPage } from './browser.mjs';
import { operatorToken, stage } from './stage.mjs';

let browser;
let token;

before(async () => {
  browser = await launch();
  token = await operatorToken();
});

after(() => browser?.close());

for (const [name, options] of Object.entries(SCREENS)) {
  test(`replicas with unequal revisions have rows that follow the rules of axe-core and fit: ${name}`, async () => {
    const watched = await WatchedPage.open(browser, options);
    await watched.signIn(token);
    await watched.sees('#attention', 'Not equal at all replicas: revision');

    await watched.page.click('#attention a');
    await watched.page.waitForSelector('#panel-replicas:not([hidden])');
    await watched.sees('#replicas tr', 'two');
    const rows = await watched.page.$$eval('#replicas tbody tr', (all) => all.map((row) => row.innerText));

    assert.equal(rows.length, 2);
    assert.match(rows[0], /one\s+this one[\s\S]*ready[\s\S]*[0-9a-f]{12}\s+not equal/);
    assert.match(rows[1], /two[\s\S]*[0-9a-f]{12}\s+not equal/);
    assert.notEqual(rows[0].match(/[0-9a-f]{12}\s+not/)[0], rows[1].match(/[0-9a-f]{12}\s+not/)[0]);
    await watched.accessible(name);
    await watched.fits(name);
    await watched.faultless(1);
    await watched.close();
  });
}

test('revisions that are equal again have no mark', async () => {
  const watched = await WatchedPage.open(browser);
  await watched.signIn(token);
  await watched.page.waitForSelector('#tab-replicas:not([hidden])');
  await watched.choose('replicas');

  await stage('agree');

  await watched.page.waitForFunction(() => [...document.querySelectorAll('#replicas tbody [data-label=Revision]')].every((cell) => /^[0-9a-f]{12}$/.test(cell.innerText)));
  await watched.page.waitForFunction(() => !document.getElementById('attention').innerText.includes('revision'));
  await watched.faultless(1);
});
