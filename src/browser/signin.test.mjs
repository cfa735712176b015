// The operator's token: asked for where one is needed, kept in memory, and nowhere else.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { baseUrl, launch, WatchedPage } from './browser.mjs';
import { operatorToken, stage } from './stage.mjs';

let browser;

before(async () => {
  browser = await launch();
});

after(() => browser?.close());

test('the static page is open, and each of its requests for data needs a token', async () => {
  const page = await fetch(new URL('/console/', baseUrl));
  assert.equal(page.status, 200);
  assert.match(page.headers.get('content-security-policy'), /default-src 'none'.*trusted-types 'none'/);

  for (const [path, method] of [['/live'], ['/changes'], ['/candidate'], ['/verdicts'], ['/verdicts/1'], ['/explain', 'POST']]) {
    const body = method && new URLSearchParams({ audience: 'payments-api', subject_token: 'none' });
    const response = await fetch(new URL(path, baseUrl), { method: method ?? 'GET', body });
    assert.equal(response.status, 401, path);
    await response.body?.cancel();
  }
});

test('asks for a token, and connects with it', async () => {
  const watched = await WatchedPage.open(browser);
  await watched.page.waitForSelector('#sign-in:not([hidden])');
  assert.equal(await watched.page.evaluate(() => document.activeElement.id), 'token');
  assert.equal(await watched.page.getAttribute('#token', 'type'), 'password');
  assert.equal(await watched.page.getAttribute('#token', 'autocomplete'), 'off');
  assert.equal(await watched.text('#sign-in-problem').catch(() => ''), '');

  // A person without a token finds three ways to one, with the address of this broker in the commands.
  await watched.page.click('#get-token summary');
  const words = await watched.text('#get-token');
  assert.ok(words.includes(`broker=${new URL(baseUrl).origin}\n`), words);
  for (const way of ['By a device login', 'By a login in the browser', 'By a service account', '$broker/token -d audience=token-broker']) assert.ok(words.includes(way), way);

  await watched.signIn(await operatorToken());

  assert.ok(await watched.page.isHidden('#sign-in'));
  await watched.sees('#figures', 'Revision');
  await watched.sees('#token-left', 'left');
  await watched.faultless(1);
  await watched.close();
});

test('says why a token is not accepted, and takes the next', async () => {
  const watched = await WatchedPage.open(browser);
  for (const [wrong, why] of [
    ['nonsense', 'This is no JWT'],
    [await stage('token', 'service'), 'The token has the scope introspect.'],
    [(await operatorToken()).replace(/.{20}$/, 'A'.repeat(20)), 'Present an access token that this broker minted'],
  ]) {
    await watched.page.fill('#token', wrong);
    await watched.page.keyboard.press('Enter');
    await watched.sees('#sign-in-problem', why);
    assert.equal(await watched.page.inputValue('#token'), '');
  }

  await watched.signIn(await operatorToken());
  await watched.faultless(4);
  await watched.close();
});

test('keeps the token nowhere but in memory', async () => {
  const watched = await WatchedPage.open(browser);
  const token = await operatorToken();
  await watched.signIn(token);
  for (const tab of ['timeline', 'peers', 'federation', 'explain', 'exchanges']) await watched.choose(tab);

  const kept = await watched.page.evaluate(async () => ({
    url: location.href,
    history: JSON.stringify(history.state),
    local: JSON.stringify(localStorage),
    session: JSON.stringify(sessionStorage),
    cookies: document.cookie,
    databases: (await indexedDB.databases()).length,
    caches: (await caches.keys()).length,
    workers: (await navigator.serviceWorker.getRegistrations()).length,
    markup: document.documentElement.outerHTML,
    field: document.getElementById('token').value,
  }));
  assert.deepEqual(
    { ...kept, url: '', markup: '' },
    { url: '', history: 'null', local: '{}', session: '{}', cookies: '', databases: 0, caches: 0, workers: 0, markup: '', field: '' },
  );
  assert.ok(!kept.url.includes(token) && !kept.markup.includes(token));
  assert.deepEqual(await watched.context.cookies(), []);
  assert.equal(await stage('printed', token), 'false');

  await watched.page.reload();
  await watched.page.waitForSelector('#sign-in:not([hidden])');
  await watched.faultless(2);
  await watched.close();
});

test('a token that has ended is asked for again, and what the page shows stays', async () => {
  const watched = await WatchedPage.open(browser);
  await watched.signIn(await operatorToken());
  await stage('refuse');
  await watched.sees('#exchange-list tr.refused', 'AUDIENCE_MISMATCH');
  await watched.page.route('**/verdicts/*', (route) => route.fulfill({ status: 401, json: { detail: 'The token has expired.' } }), { times: 1 });

  await watched.page.click('#exchange-list tr.refused');
  await watched.page.waitForSelector('#sign-in:not([hidden])');
  await watched.sees('#sign-in-problem', 'The token has expired.');
  await watched.sees('#connection', 'Not permitted');
  await watched.sees('#exchange-list tr.refused', 'AUDIENCE_MISMATCH');

  await watched.signIn(await operatorToken());
  await watched.sees('#verdict-body .verdict-outcome', 'AUDIENCE_MISMATCH');
  await watched.faultless(2);
  await watched.close();
});

test('forgets the token on demand', async () => {
  const watched = await WatchedPage.open(browser);
  await watched.signIn(await operatorToken());

  await watched.page.click('#sign-out');

  await watched.page.waitForSelector('#sign-in:not([hidden])');
  await watched.choose('federation');
  await watched.page.waitForFunction(() => document.getElementById('connection').innerText === 'Closed');
  await watched.close();
});
