// What the page makes of what a broker tells it: outages, changes, late answers, and an hour under load.
//
// WATCHED_SECONDS of 50 exchanges each reach the page, one second every PACE_MILLIS, as fast as it takes them if that is 0.
import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, test } from 'node:test';
import { launch, WatchedPage } from './browser.mjs';
import { state, ToldBroker } from './told.mjs';

const WATCHED_SECONDS = Number(process.env.WATCHED_SECONDS || 3_600);
const PACE_MILLIS = Number(process.env.PACE_MILLIS || 0);
const FULL_SECONDS = 1_000; // then each list of the page has as many entries as it may

const START = Date.now();
const at = (seconds) => new Date(START + seconds * 1_000).toISOString();
const outage = (name, reason, since, last, more = {}) => ({
  kind: name === 'ci' ? 'issuer' : 'upstream', name, reason, since_time: at(since), begun_time: at(since), last_time: at(last), ended: false, count: 50, subjects: 3, remedy: 'Mend it.', ...more,
});

let browser;
let broker;
let watched;

before(async () => {
  browser = await launch();
});

after(() => browser?.close());

beforeEach(async () => {
  broker = await ToldBroker.start();
  watched = await WatchedPage.open(browser, {}, '', broker.url);
  await watched.live();
});

afterEach(async () => {
  try {
    await watched.faultless();
  } finally {
    await watched.close();
    broker.close();
  }
});

const notes = () => watched.page.$$eval('#attention .note', (all) => all.map((note) => `${note.className}: ${note.innerText.replaceAll(/\s+/g, ' ')}`));

test('refusals that anybody can cause are amber and have no cause', async () => {
  await broker.tell(
    { event: 'change', time: at(0), id: 1, kind: 'key-removed', subject_kind: 'issuer', subject: 'ci', joined: [{ name: 'ci', reason: 'KEY_UNKNOWN', delay_seconds: 2, before: 0, after: 9 }] },
    state(at(10), { outages: [outage('ci', 'KEY_UNKNOWN', 2, 10, { unproved: true })] }),
  );
  await watched.sees('#attention', 'KEY_UNKNOWN');

  const [note, ...others] = await notes();
  assert.match(note, /^note warn: Refused now: issuer ci\. .* Anybody can cause these/);
  assert.doesNotMatch(note, /Cause/);
  assert.deepEqual(others, []);
});

test('the timeline has the second in which an outage began, and not the five seconds of its join', async () => {
  await watched.choose('timeline');
  await broker.tell(
    { event: 'change', time: at(0), id: 1, kind: 'key-removed', subject_kind: 'issuer', subject: 'ci', joined: [{ name: 'ci', reason: 'KEY_UNKNOWN', delay_seconds: 5, before: 0, after: 9 }] },
    state(at(10), { outages: [outage('ci', 'KEY_UNKNOWN', 2, 10)] }),
  );
  await watched.sees('#change-list', '0 in the 5 minutes before; began 2 s after');
});

test('an end is shown beside what goes on at another peer, and at the same one', async () => {
  const past = outage('sso', 'UPSTREAM_TIMED_OUT', 0, 10, { ended: true });
  await broker.tell(state(at(40), { outages: [outage('ci', 'KEY_UNKNOWN', 30, 40), past] }));
  await watched.sees('#attention', 'KEY_UNKNOWN');
  assert.match((await notes()).join('\n'), /^note bad: Refused now: issuer ci.*\nnote calm: Refusals ended .*: upstream sso\. UPSTREAM_TIMED_OUT/);

  await broker.tell(state(at(42), { outages: [outage('sso', 'UPSTREAM_UNAVAILABLE', 30, 42), past] }));
  await watched.sees('#attention', 'UPSTREAM_UNAVAILABLE');
  assert.match((await notes()).join('\n'), /^note bad: .*UPSTREAM_UNAVAILABLE.*\nnote calm: Refusals ended .*: upstream sso\. UPSTREAM_TIMED_OUT/);
});

test('a bound is marked while few retries are left, and while fetches fail', async () => {
  const marks = () => watched.page.$$eval('#panel-peers .bar', (bars) => bars.map(({ classList }) => classList.contains('warn')));
  const told = async (second, failed, left) => {
    const line = state(at(second));
    Object.assign(line.issuers[0], { failed_fetches: failed, bound_ratio: 0.95 });
    Object.assign(line.upstreams[0], { retries: 200, headroom: left, budget_tokens: left });
    await broker.tell(line);
    await watched.sees('#upstreams td[data-label="Retries left"]', `${left}`);
    return marks();
  };
  await watched.choose('peers');
  assert.deepEqual(await told(0, 3, 9), [false, false], 'fetches that failed before the page was opened, and retries that have come back');
  assert.deepEqual(await told(2, 4, 0), [true, true]);
  assert.deepEqual(await told(90, 4, 5), [false, false]);
});

test('an empty list says whether the filters leave nothing, and nothing is claimed before the first state', async () => {
  assert.equal(await watched.text('#reasons'), 'Reasons appear here with their numbers.');
  await broker.tell(state(at(0)));
  await watched.sees('#reasons', 'No refusal in 15 minutes.');
  assert.match(await watched.text('#list-note'), /^Exchanges appear here/);
  await watched.page.selectOption('#filter-outcome', 'accepted');
  await watched.sees('#list-note', 'No exchange that was sampled fits these filters.');
});

test('of two quick choices of a filter, the answer to the last one stays', async () => {
  const refused = (target) => ({ refused: [{ time: at(0), verdict_id: target, outcome: 'refused', reason: 'NO_RULE_MATCHED', issuer: 'ci', target }] });
  let first;
  broker.answer = (path) => (path.includes('issuer=') ? refused('late') : new Promise((answer) => (first = () => answer(refused('early')))));
  await broker.tell(state(at(0)));
  await watched.page.waitForFunction(() => document.querySelectorAll('#filter-issuer option').length > 1);
  await watched.page.selectOption('#filter-reason', '');
  await watched.page.dispatchEvent('#filter-reason', 'change');
  await watched.page.selectOption('#filter-issuer', 'ci');
  await watched.sees('#exchange-list tr', 'late');

  const answered = watched.page.waitForResponse((response) => response.url().endsWith('/verdicts?'));
  first();
  await (await answered).finished();
  await broker.tell(state(at(2)));
  await watched.page.waitForTimeout(500);
  assert.match(await watched.text('#exchange-list'), /late/);
  assert.doesNotMatch(await watched.text('#exchange-list'), /early/);
});

test('a past that cannot be read leaves no old rows, and says so', async () => {
  const before = { refused: [{ time: at(0), verdict_id: 'one', outcome: 'refused', reason: 'NO_RULE_MATCHED', issuer: 'ci', target: 'early' }] };
  broker.answer = async () => before;
  await broker.tell(state(at(0)));
  await watched.page.selectOption('#filter-issuer', 'ci');
  await watched.sees('#exchange-list', 'early');

  broker.answer = async () => null;
  broker.hangUp(); // the next stream asks for the past again
  await watched.sees('#list-note', 'Refused exchanges from before could not be read: ');
  assert.equal(await watched.page.$$eval('#exchange-list tbody tr', ({ length }) => length), 0);

  broker.answer = async () => before;
  await watched.page.selectOption('#filter-issuer', '');
  await watched.sees('#exchange-list', 'early');
  assert.doesNotMatch(await watched.text('#list-note'), /could not be read/);
});

test('while a verdict is loaded, no other one is shown', async () => {
  const of = (id) => ({ outcome: 'accepted', id, evaluation_time: at(0), steps: [], hints: [], notes: [] });
  let tell;
  const asked = new Promise((resolve) => (tell = resolve));
  broker.answer = async (path) => (path.endsWith('/two') ? new Promise((answer) => tell(() => answer(of('two')))) : path.endsWith('/one') ? of('one') : { refused: [] });
  const body = () => watched.text('#verdict-body');
  await watched.page.fill('#verdict-id', 'one');
  await watched.page.keyboard.press('Enter');
  await watched.sees('#verdict-body', 'one');

  await watched.page.fill('#verdict-id', 'two');
  await watched.page.keyboard.press('Enter');
  const answer = await asked;
  assert.equal(await body(), 'Loading...');
  answer();
  await watched.sees('#verdict-body', 'two');
  assert.doesNotMatch(await body(), /Loading/);
});

test('on a narrow screen a verdict opens below the head, and times do not overlap', async () => {
  const steps = Array.from({ length: 40 }, (_, each) => ({ name: `step-${each}`, result: 'passed', micros: 1 }));
  broker.answer = async (path) => (path.endsWith('/one') ? { outcome: 'accepted', id: 'one', evaluation_time: at(0), steps, hints: [], notes: [] } : { refused: [] });
  for (const width of [360, 768]) {
    await watched.page.setViewportSize({ width, height: 700 });
    await broker.tell(...lines(0), ...lines(1));
    await watched.sees('#step-times thead', 'p99');
    await watched.page.fill('#verdict-id', 'one');
    await watched.page.keyboard.press('Enter');
    await watched.sees('#verdict-body', 'step-39');
    await watched.page.waitForTimeout(300);
    const [head, title] = await watched.page.$$eval('header, #verdict-title', (all) => all.map((each) => each.getBoundingClientRect().toJSON()));
    assert.ok(title.top >= head.bottom && title.bottom < 700, JSON.stringify({ width, head, title }));
    const times = await watched.page.$$eval('#outcomes text', (all) => all.filter(({ textContent: text }) => /min|now/.test(text)).map((each) => each.getBoundingClientRect().toJSON()));
    times.sort((one, other) => one.left - other.left);
    assert.ok(times.length > 2 && times.every((each, index) => index === 0 || each.left > times[index - 1].right), JSON.stringify(times));
    await watched.page.keyboard.press('Escape');
  }
});

test('long names fit a narrow screen, and a shadow rule has no share of the decisions', async () => {
  const long = 'shop-pays-before-the-move-to-the-new-pipeline-of-the-other-department';
  const rules = [
    { name: 'pays', issuer: 'ci', target: 'payments-api', hits: 30 },
    { name: long, issuer: 'ci', target: 'payments-api', hits: 40, shadow: true },
    { name: 'orders', issuer: 'ci', target: 'orders-api', hits: 10 },
  ];
  const target = 'https://payments.api.internal.acme.example/v2/settlements';
  const client = { name: 'idp', token_seconds: 0, circuit: 'open', attempts: 9, needed: 8, retries: 1, failures: 3, bound_ratio: 0.4, budget_tokens: 3, burst: 5 };
  await broker.tell(state(at(10), { rules, own_clients: [client], outages: [outage('sso', 'UPSTREAM_TOKEN_OUTLIVES_CREDENTIAL', 2, 10)] }), {
    event: 'exchange', time: at(9), verdict_id: 'one', edge: 'http', intent: 'explain', outcome: 'refused', reason: 'UPSTREAM_TOKEN_OUTLIVES_CREDENTIAL', issuer: 'kubernetes-production-eu-central-1', rule: long, target, micros: 9,
  });
  await watched.sees('#attention', 'UPSTREAM_TOKEN_OUTLIVES_CREDENTIAL:');
  for (const width of [360, 768]) {
    await watched.page.setViewportSize({ width, height: 700 });
    for (const tab of ['federation', 'peers', 'exchanges']) {
      await watched.choose(tab);
      await watched.fits(`${tab}, ${width} px`);
    }
  }
  await watched.choose('federation');
  assert.deepEqual(await watched.page.$$eval('#rules td[data-label=Share]', (all) => all.map((each) => each.innerText)), ['75 %', '–', '25 %']);
});

test('the last id of a message opens its verdict', async () => {
  const id = '0123456789abcdef'.repeat(2);
  const asked = [];
  broker.answer = async (path) => (asked.push(path), path.startsWith('/verdicts/') ? { outcome: 'accepted', id, evaluation_time: at(0), steps: [], hints: [], notes: [] } : { refused: [] });
  await watched.page.fill('#verdict-id', `trace ${'f'.repeat(32)}, key ${'c'.repeat(64)}: KEY_UNKNOWN (verdict ${id})`);
  await watched.page.keyboard.press('Enter');
  await watched.page.waitForSelector('#verdict-body .verdict-outcome');
  assert.ok(asked.includes(`/verdicts/${id}`), asked.join());
});

test('each kid and key of a change is short', async () => {
  const [one, other] = ['A', 'B'].map((char) => char.repeat(43));
  await watched.choose('timeline');
  await broker.tell(
    { event: 'change', time: at(0), id: 1, kind: 'key-files-reloaded', subject_kind: 'signing-keys', was: `kids ${one}, ${other}`, is: `sha256 1f0c, kids [${one}, ${other}]` },
    { event: 'change', time: at(1), id: 2, kind: 'key-removed', subject_kind: 'issuer', subject: 'ci', was: `kid ${one}, key ${other}` },
    { event: 'change', time: at(1), id: 3, kind: 'federation-rejected', subject_kind: 'federation', is: "unknown key 'audience_s'" },
    state(at(2)),
  );
  await watched.sees('#change-list', 'key-files-reloaded');
  assert.deepEqual(await watched.page.$$eval('.change-values', (all) => all.map((each) => each.textContent)), [
    "noneunknown key 'audience_s'",
    'kid AAAAAAAA…, key BBBBBBBB…none',
    'kids AAAAAAAA…, BBBBBBBB…sha256 1f0c, kids [AAAAAAAA…, BBBBBBBB…]',
  ]);
});

test('an hour of 50 exchanges a second keeps the memory and the size of the page', async () => {
  const measures = await watched.context.newCDPSession(watched.page);
  await measures.send('Performance.enable');
  const measured = async () => {
    await watched.choose('exchanges');
    await watched.page.waitForTimeout(500);
    await measures.send('HeapProfiler.collectGarbage');
    const { metrics } = await measures.send('Performance.getMetrics');
    const of = (name) => metrics.find((each) => each.name === name).value;
    return { heap: of('JSHeapUsedSize') / 2 ** 20, nodes: of('Nodes'), listeners: of('JSEventListeners') };
  };
  let full;
  for (let second = 0; second < WATCHED_SECONDS; second += 1) {
    await broker.tell(...lines(second));
    if (PACE_MILLIS > 0) await watched.page.waitForTimeout(PACE_MILLIS);
    if (second % 100 === 99) {
      await watched.choose(['timeline', 'peers', 'federation', 'exchanges'][Math.floor(second / 100) % 4]);
      await watched.page.waitForFunction((newest) => document.getElementById('figures').innerText.includes(newest), revision(second).slice(0, 12));
    }
    if (second === Math.min(FULL_SECONDS, WATCHED_SECONDS / 2) - 1) full = await measured();
  }
  const end = await measured();
  console.log(JSON.stringify({ full, end }));
  assert.ok(end.nodes < full.nodes * 1.2 + 500, JSON.stringify({ full, end }));
  assert.ok(end.listeners < full.listeners * 1.2 + 50, JSON.stringify({ full, end }));
  // A short run ends before the lists are full.
  if (WATCHED_SECONDS >= 2 * FULL_SECONDS) assert.ok(end.heap < full.heap * 1.2 + 2, JSON.stringify({ full, end }));
});

const revision = (second) => `${Math.floor(second / 100)}`.padStart(12, '0').padEnd(64, 'a');

/** What the stream says in a second of 50 exchanges, of which it samples 20. */
function lines(second) {
  const exchanges = Array.from({ length: 20 }, (_, each) => ({
    event: 'exchange', time: at(second), verdict_id: `${second}-${each}`, edge: 'grpc', intent: 'exchange', outcome: each % 2 ? 'refused' : 'accepted',
    reason: each % 2 ? 'NO_RULE_MATCHED' : undefined, issuer: 'ci', rule: 'pays', target: 'payments-api', micros: 40 + each,
  }));
  return [
    ...exchanges,
    { event: 'change', time: at(second), id: second, kind: 'key-added', subject_kind: 'issuer', subject: 'ci', was: '', is: `kid ${second}` },
    {
      event: 'second', time: at(second), accepted: 40, refused: 10, left_out: 30, mean_micros: 50, reasons: [{ reason: 'NO_RULE_MATCHED', issuer: 'ci', count: 10 }],
      steps: ['key', 'signature', 'policy'].map((step) => ({ step, count: 50, mean_micros: 30, at_most_micros: { 38: 49, 300: 1 } })),
    },
    ...(second % 2 ? [state(at(second), { revision: revision(second), outages: [outage('ci', 'NO_RULE_MATCHED', 0, second, { count: second * 10 })] })] : []),
  ];
}
