// The console of a broker that runs elsewhere, such as in a container: BASE_URL, and an operator's token in TOKEN_FILE.
//
//   BASE_URL=http://localhost:8080 TOKEN_FILE=operator-token node --test container.test.mjs
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { launch, WatchedPage } from './browser.mjs';

let browser;

before(async () => {
  browser = await launch();
});

after(() => browser?.close());

test('every panel works with an operator\'s token', async () => {
  const watched = await WatchedPage.open(browser);
  await watched.page.waitForSelector('#sign-in:not([hidden])');
  await watched.signIn(readFileSync(process.env.TOKEN_FILE, 'utf8'));
  await watched.sees('#figures', 'Revision');
  for (const tab of ['exchanges', 'timeline', 'peers', 'federation', 'explain']) {
    await watched.choose(tab);
    await watched.accessible(tab);
  }
  await watched.choose('federation');
  await watched.sees('#panel-federation', 'operate');
  await watched.faultless(1);
  await watched.close();
});
