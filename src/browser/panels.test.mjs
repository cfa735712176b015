// Each panel shows what has happened at a running broker.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { launch, WatchedPage } from './browser.mjs';
import { operatorToken, stage } from './stage.mjs';

let browser;
let watched;

before(async () => {
  browser = await launch();
  watched = await WatchedPage.open(browser);
  await watched.signIn(await operatorToken());
});

after(async () => {
  await watched?.faultless(1);
  await browser?.close();
});

test('the head has the rate, the revision and what is sampled', async () => {
  await stage('exchange', 'payments-api');
  await stage('refuse');

  await watched.page.waitForFunction(() => /Rate now\s+[1-9\d.]+\/s/.test(document.getElementById('figures').innerText));
  const figures = await watched.text('#figures');

  assert.match(figures, /Revision\s+[0-9a-f]{12}/);
  assert.match(figures, /Sampled\s+\d+ of \d+/);
});

test('exchanges appear with outcome, reason, rule and latency by step', async () => {
  await stage('exchange', 'orders');
  await stage('refuse');

  await watched.sees('#exchange-list tr.accepted', 'orders');
  await watched.sees('#exchange-list tr.refused', 'AUDIENCE_MISMATCH');
  await watched.sees('#reasons', 'AUDIENCE_MISMATCH');
  await watched.sees('#step-times', 'signature');
  assert.match(await watched.text('#step-times thead'), /p50\s+p99/);
  assert.match(await watched.page.getAttribute('#outcomes svg', 'aria-label'), /accepted and .* refused a second/);
});

test('a filter shows only refusals, and only those of a reason', async () => {
  await watched.page.selectOption('#filter-outcome', 'refused');
  await watched.page.waitForFunction(() => !document.querySelector('#exchange-list tr.accepted'));

  await watched.page.click('#reasons [data-reason=AUDIENCE_MISMATCH]');
  const rows = await watched.page.$$eval('#exchange-list tbody tr', (all) => all.map((row) => row.innerText));

  assert.ok(rows.length > 0 && rows.every((row) => row.includes('AUDIENCE_MISMATCH')), rows.join());
  await watched.page.selectOption('#filter-reason', '');
});

test('refusals from before the page was opened are in its list, and filters reach into them', async () => {
  const late = await WatchedPage.open(browser);
  await late.signIn(await operatorToken());
  await late.sees('#exchange-list tr.refused', 'AUDIENCE_MISMATCH');
  await late.page.selectOption('#filter-target', 'orders');
  await late.page.waitForFunction(() => ![...document.querySelectorAll('#exchange-list tbody tr')].some((row) => row.innerText.includes('payments-api')));
  assert.match(await late.page.$eval('#filter-rule', (select) => select.innerText), /pays/);
  await late.faultless(1);
  await late.close();
});

test('an id that a caller gives opens its verdict, and so does a link', async () => {
  const id = await watched.page.getAttribute('#exchange-list tr.refused', 'data-verdict');
  await watched.page.fill('#verdict-id', `AUDIENCE_MISMATCH: not for this broker (verdict ${id})`);
  await watched.page.keyboard.press('Enter');
  await watched.sees('#verdict-body .verdict-outcome', 'AUDIENCE_MISMATCH');
  assert.equal(await watched.page.evaluate(() => location.hash), `#verdict/${id}`);
  assert.match(await watched.text('#verdict-body .outage'), /One of \d+ refusals? since .* of issuer good, of \d+ credentials?/);
  await watched.page.keyboard.press('Escape');

  const linked = await WatchedPage.open(browser, { permissions: ['clipboard-read', 'clipboard-write'] }, `#verdict/${id}`);
  await linked.page.waitForSelector('#sign-in:not([hidden])');
  await linked.signIn(await operatorToken());
  await linked.sees('#verdict-body .verdict-outcome', 'AUDIENCE_MISMATCH');
  await linked.page.click('[aria-label="Copy the verdict id"]');
  assert.equal(await linked.page.evaluate(() => navigator.clipboard.readText()), id);
  await linked.close();
});

test('the bar says what is refused now and when it ended, with the numbers of the table', async () => {
  for (let call = 0; call < 3; call += 1) await stage('refuse');
  await watched.sees('#attention .note.bad', 'Refused now: issuer good. AUDIENCE_MISMATCH:');
  const [bar, row] = await watched.page.evaluate(() => ['#attention .bad', '#reasons tbody tr'].map((place) => document.querySelector(place).innerText));
  assert.equal(/([\d,]+) refusals/.exec(bar)[1], /([\d,]+)\s+since/.exec(row)[1]);

  for (let call = 0; call < 3; call += 1) await stage('exchange', 'payments-api');
  await watched.sees('#attention .note.calm', 'Refusals ended');
  assert.equal(await watched.page.$$eval('#attention .note.bad', (bad) => bad.length), 0);
});

test('a paused list stands still and says what it holds back', async () => {
  await watched.page.click('#pause');
  const before = await watched.page.$$eval('#exchange-list tbody tr', (rows) => rows.length);
  await stage('refuse');

  await watched.sees('#list-note', 'newer, held back by the pause');
  assert.equal(await watched.page.$$eval('#exchange-list tbody tr', (rows) => rows.length), before);

  await watched.page.click('#pause');
  await watched.page.mouse.move(0, 0);
  await watched.page.waitForFunction((rows) => document.querySelectorAll('#exchange-list tbody tr').length > rows, before);
});

test('a refusal opens as a tree whose failed step is open', async () => {
  await watched.page.click('#exchange-list tr.refused');
  await watched.page.waitForSelector('#verdict-body .step.failed details[open]');

  assert.match(await watched.text('#verdict-body .verdict-outcome'), /refused\s+AUDIENCE_MISMATCH/);
  assert.match(await watched.text('#verdict-body .step.failed'), /audience[\s\S]*Expected[\s\S]*Seen\s+https:\/\/elsewhere[\s\S]*Remedy/);
  assert.equal(await watched.page.$$eval('#verdict-body .step.passed details[open]', (open) => open.length), 0);

  await watched.page.keyboard.press('Escape');
  assert.ok(await watched.page.isHidden('#verdict'));
});

test('the timeline joins refusals to the change before them', async () => {
  await stage('remove-key');

  await watched.choose('timeline');
  await watched.sees('.change.joined', 'key-removed');
  assert.match(await watched.text('.change.joined .risen'), /KEY_\w+ of good: \d+ (refusals since .*|in the 5 minutes after), \d+ in the 5 minutes before; began /);
  await watched.page.waitForSelector('#refusal-curve .mark.joined .risen');
  // Other refusals of the issuer, which have ended by then, have another cause.
  await watched.page.waitForFunction(() => /Cause(?: of KEY_\w+)?: key-removed of issuer good/.test(document.querySelector('#attention')?.innerText));

  await watched.page.selectOption('#filter-change', 'joined');
  assert.equal(await watched.page.$$eval('.change:not(.joined)', (others) => others.length), 0);
  await watched.page.click('#refusal-curve .mark.joined .target');
  assert.equal(await watched.page.evaluate(() => document.activeElement.classList.contains('joined')), true);
});

test('issuers have keys and freshness, upstreams and own tokens a circuit and a bound', async () => {
  await stage('exchange', 'orders');
  await watched.choose('peers');

  // The state is two seconds old at most.
  await watched.sees('#issuers tr', 'key-2');
  const issuer = await watched.text('#issuers tbody tr');
  assert.match(issuer, /good[\s\S]*fresh[\s\S]*key-2/);
  await watched.page.waitForFunction(() => /sso\s+closed\s+0 of 32\s+\d+/.test(document.querySelector('#upstreams tbody tr')?.innerText));
  assert.match(await watched.text('#upstreams tbody tr'), /\d %/);
  await watched.sees('#own-clients tr', 'good');
  const client = await watched.text('#own-clients tbody tr');
  assert.match(client, /idp[\s\S]*good[\s\S]*closed[\s\S]*\d %/);
});

test('the federation has its rules with hits, and the differences of the candidate', async () => {
  await stage('exchange', 'payments-api');
  await watched.choose('federation');

  await watched.page.waitForFunction(() => /pays\s[\s\S]*\s[1-9]\d*\s[\s\S]*ago/.test(document.getElementById('rules').innerText));
  await watched.sees('#rules tr', 'never');
  await watched.sees('#candidate', 'NO_RULE_MATCHED');
  assert.match(await watched.text('#in-force'), /[0-9a-f]{64}/);
});

test('a pasted credential is explained step by step, and cleared on demand', async () => {
  await watched.choose('explain');
  await watched.page.fill('#explain-target', 'payments-api');
  await watched.page.fill('#explain-credential', await stage('credential'));
  await watched.page.click('#explain [type=submit]');

  await watched.sees('#explained .verdict-outcome', 'accepted');
  await watched.sees('#explained .candidate-verdict', 'NO_RULE_MATCHED');
  await watched.sees('#explained .candidate-verdict .step.failed', 'Remedy');

  await watched.page.click('#explain-clear');
  assert.equal(await watched.page.inputValue('#explain-credential'), '');
  await watched.sees('#explained', 'The verdict appears here');
});

test('a bad form is refused with what the broker says', async () => {
  await watched.page.fill('#explain-target', 'payments-api');
  await watched.page.fill('#explain-credential', 'none');
  await watched.page.click('#explain [type=submit]');

  await watched.sees('#explained .step.failed', 'format');
});

test('no tab for faults without a development issuer', async () => {
  assert.ok(await watched.page.isHidden('#tab-faults'));
});
