// What the page keeps and concludes, without a browser: an hour of lines, outages and their causes.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

const HOME = new URL('../../src/main/resources/dev/tokenbroker/edges/console/', import.meta.url);
const START = Date.parse('2026-11-24T12:00:00Z');

const source = (name) => readFileSync(new URL(name, HOME), 'utf8');
const asUrl = (text) => `data:text/javascript;base64,${Buffer.from(text).toString('base64')}`;
const OUTAGES = asUrl(source('outages.js'));
const { causeOf, groups, outageOf } = await import(OUTAGES);
const { micros, perSecond } = await import(asUrl(source('format.js')));
const { isSpent, Model, timesByStep } = await import(asUrl(source('model.js').replace("'./outages.js'", `'${OUTAGES}'`)));

const at = (seconds) => new Date(START + seconds * 1_000).toISOString();
const outage = (reason, since, last, more = {}) => ({ kind: 'upstream', name: 'sso', reason, since_time: at(since), begun_time: at(since), last_time: at(last), ended: false, count: 50, remedy: '', ...more });
const change = (kind, seconds, ...joined) => ({
  id: seconds,
  kind,
  time: at(seconds),
  joined: joined.map(([reason, delay]) => ({ name: 'sso', reason, delay_seconds: delay, before: 0, after: 8 })),
});

test('an hour of 50 exchanges a second keeps its memory', () => {
  const model = new Model();
  let numbered = 0;
  for (let second = 0; second < 3_600; second += 1) {
    for (let each = 0; each < 20; each += 1) model.take({ event: 'exchange', time: at(second), verdict_id: `${(numbered += 1)}`, outcome: 'refused' });
    model.take({ event: 'second', time: at(second), accepted: 40, refused: 10, steps: [{ step: 'key', count: 50, mean_micros: 30, at_most_micros: { 38: 50 } }] });
    model.take({ event: 'change', time: at(second), id: second });
    model.take({ event: 'state', time: at(second), issuers: [{ name: `i${second % 600}`, fetches: 1 }], upstreams: [], outages: [] });
  }
  assert.equal(model.exchanges.length, 1_000);
  assert.equal(model.changes.size, 1_000);
  assert.equal(model.seconds.length, 900);
  assert.equal(model.seconds.filter(({ steps }) => steps[0].at_most_micros).length, 60);
  assert.equal(model.samples('issuer', 'i0').length, 0, 'peers that have left are forgotten');
});

test('percentiles are those of all seconds', () => {
  const steps = (at_most_micros) => ({ steps: [{ step: 'key', count: 50, at_most_micros }] });
  assert.deepEqual(timesByStep([steps({ 10: 49, 100: 1 }), steps({ 10: 48, 1000: 2 })]), [{ step: 'key', count: 100, p50: 10, p99: 1_000 }]);
});

test('an old cause never stands over a new fault', () => {
  const old = change('certificate-changed', 0, ['UPSTREAM_UNAVAILABLE', 5]);
  assert.equal(causeOf(outage('UPSTREAM_UNAVAILABLE', 5, 20), [old]), old);
  assert.equal(causeOf(outage('UPSTREAM_UNAVAILABLE', 60, 90), [old]), null);
  assert.equal(causeOf(outage('UPSTREAM_TIMED_OUT', 5, 20), [old]), null);
  assert.equal(causeOf(outage('UPSTREAM_UNAVAILABLE', 5, 20, { name: 'other' }), [old]), null);
  assert.equal(outageOf(old.joined[0], old, [outage('UPSTREAM_UNAVAILABLE', 60, 90)]), undefined);
});

test('refusals that anybody can cause have no cause, nor has an outage that a change came into', () => {
  const removed = change('key-removed', 60, ['KEY_UNKNOWN', 0]);
  const of = (since, more) => outage('KEY_UNKNOWN', since, 90, more);
  assert.equal(causeOf(of(60), [removed]), removed);
  assert.equal(causeOf(of(60, { unproved: true }), [removed]), null);
  assert.equal(causeOf(of(60, { name: 'none' }), [removed]), null);
  assert.equal(causeOf(of(0), [removed]), null, 'it was there before');
  assert.equal(causeOf(of(85), [removed]), null, 'it came later');
  assert.equal(outageOf(removed.joined[0], removed, [of(60, { name: 'none' })]), undefined);
});

/** What the bar has at each of these times in seconds, of the outages that the broker has then. */
const followed = (changes, states) => {
  const model = new Model();
  return states.map(([second, ...outages]) => {
    model.take({ event: 'state', time: at(second), issuers: [], upstreams: [], outages });
    return groups(model.state.outages, changes, at(second)).map(({ ended, outages: [{ count }], causes }) => [ended ? 'ended' : 'now', count, ...causes.map(({ change: { kind } }) => kind)]);
  });
};

test('a stray refusal before an outage, or after it, takes nothing away', () => {
  const removed = change('key-removed', 60, ['KEY_UNKNOWN', 0]);
  const since = (second, last, count, ended, begun = second) => outage('KEY_UNKNOWN', second, last, { count, ended, begun_time: at(begun) });
  assert.deepEqual(followed([removed], [[40, since(40, 40, 1)], [60, since(40, 59, 2, false, 59)], [64, since(40, 64, 90, false, 61)], [80, since(40, 80, 300, false, 61)]]).at(-1), [['now', 300, 'key-removed']]);
  assert.deepEqual(followed([removed], [[80, since(40, 80, 300, false, 61)]]), [[['now', 300, 'key-removed']]], 'also in a page that is opened later');
  assert.deepEqual(followed([removed], [[40, since(40, 40, 3)], [60, since(40, 59, 4)], [80, since(40, 80, 300)]]).at(-1), [['now', 300]], 'it was there before');
  const after = [[90, since(60, 89, 300)], [120, since(120, 120, 1)], [126, since(120, 120, 1, true)], [140, since(140, 140, 2)]];
  assert.deepEqual(followed([removed], after).slice(1), Array(3).fill([['ended', 300, 'key-removed']]));
  assert.deepEqual(followed([removed], [...after, [150, since(140, 150, 3)]]).at(-1), [['now', 3]]);
  assert.deepEqual(followed([removed], [...after, [400, since(140, 140, 2, true)]]).at(-1), []);
});

test('a root cause stands before its effect, and both have one number', () => {
  const opened = change('circuit-opened', 3, ['UPSTREAM_CIRCUIT_OPEN', 0]);
  const expired = change('certificate-expiring', 0, ['UPSTREAM_CERTIFICATE_INVALID', 0]);
  const all = [outage('UPSTREAM_CIRCUIT_OPEN', 3, 60, { effect: true, count: 82 }), outage('UPSTREAM_CERTIFICATE_INVALID', 1, 50, { ended: true, count: 5 })];
  const [group] = groups(all, [opened, expired], at(60));

  assert.deepEqual(group.outages.map(({ reason }) => reason), ['UPSTREAM_CERTIFICATE_INVALID', 'UPSTREAM_CIRCUIT_OPEN']);
  assert.deepEqual(group.causes, [{ change: expired, reasons: ['UPSTREAM_CERTIFICATE_INVALID'], ofAll: true }]);
  assert.equal(group.ended, null);
  assert.equal(outageOf(opened.joined[0], opened, all).count, 82);
});

test('what an effect came after is no cause of the failure before it', () => {
  const opened = change('circuit-opened', 3, ['UPSTREAM_CIRCUIT_OPEN', 0]);
  const effect = outage('UPSTREAM_CIRCUIT_OPEN', 3, 60, { effect: true });
  const of = (...outages) => groups(outages, [opened], at(60)).map(({ causes }) => causes);
  const causes = (ofAll) => [[{ change: opened, reasons: ['UPSTREAM_CIRCUIT_OPEN'], ofAll }]];
  assert.deepEqual(of(effect), causes(true));
  assert.deepEqual(of(effect, outage('UPSTREAM_TIMED_OUT', 1, 60)), causes(false));
});

test('what has ended says when, and a fault that follows it has a place of its own', () => {
  const past = outage('UPSTREAM_TIMED_OUT', 0, 30, { ended: true });
  assert.equal(groups([past], [], at(40))[0].ended, at(30));
  assert.equal(groups([past], [], at(400)).length, 0);

  const both = groups([past, outage('UPSTREAM_UNAVAILABLE', 60, 90)], [], at(90));
  assert.deepEqual(both.map(({ outages, ended }) => [outages.map(({ reason }) => reason), ended]), [
    [['UPSTREAM_UNAVAILABLE'], null],
    [['UPSTREAM_TIMED_OUT'], at(30)],
  ]);
});

test('a fault in the place of another has neither its reason nor its cause, though the circuit is open all the time', () => {
  const down = change('endpoint-moved', 0, ['UPSTREAM_UNAVAILABLE', 0], ['UPSTREAM_CIRCUIT_OPEN', 5]);
  const all = [outage('UPSTREAM_CIRCUIT_OPEN', 5, 90, { effect: true }), outage('UPSTREAM_UNAVAILABLE', 0, 30, { ended: true }), outage('UPSTREAM_TIMED_OUT', 40, 90)];
  const [group] = groups(all, [down], at(90));

  assert.deepEqual(group.outages.map(({ reason }) => reason), ['UPSTREAM_TIMED_OUT', 'UPSTREAM_CIRCUIT_OPEN']);
  assert.deepEqual(group.causes, []);
});

test('an end keeps its cause and its effect although another failure has ended after it', () => {
  const expired = change('certificate-expiring', 0, ['UPSTREAM_CERTIFICATE_INVALID', 0]);
  const all = [
    outage('UPSTREAM_TOKEN_OUTLIVES_CREDENTIAL', 158, 158, { ended: true, count: 4 }),
    outage('UPSTREAM_CERTIFICATE_INVALID', 0, 153, { ended: true }),
    outage('UPSTREAM_CIRCUIT_OPEN', 2, 154, { ended: true, effect: true }),
  ];

  assert.deepEqual(groups(all, [expired], at(170)).map(({ outages, ended, causes }) => [outages.map(({ reason }) => reason), ended, causes.map(({ change: { kind } }) => kind)]), [
    [['UPSTREAM_TOKEN_OUTLIVES_CREDENTIAL'], at(158), []],
    [['UPSTREAM_CERTIFICATE_INVALID', 'UPSTREAM_CIRCUIT_OPEN'], at(154), ['certificate-expiring']],
  ]);
});

test('two failures of one peer at a time end together', () => {
  const [group, ...others] = groups([outage('NO_RULE_MATCHED', 0, 90, { ended: true }), outage('KEY_UNKNOWN', 40, 89, { ended: true })], [], at(100));
  assert.deepEqual(group.outages.map(({ reason }) => reason), ['KEY_UNKNOWN', 'NO_RULE_MATCHED']);
  assert.equal(group.ended, at(90));
  assert.deepEqual(others, []);
});

test('of two faults of one peer, a cause names the one that it explains', () => {
  const removed = change('federation-loaded', 0, ['NO_RULE_MATCHED', 0]);
  const [group] = groups([outage('NO_RULE_MATCHED', 0, 90), outage('KEY_UNKNOWN', 40, 90)], [removed], at(90));

  assert.deepEqual(group.causes, [{ change: removed, reasons: ['NO_RULE_MATCHED'], ofAll: false }]);
});

test('a step that becomes slow is named, and its end too', () => {
  const model = new Model();
  const take = (second, mean) => model.take({ event: 'second', time: at(second), accepted: 5, refused: 0, steps: [{ step: 'upstream', count: 2, mean_micros: mean }] });
  for (let second = 0; second < 60; second += 1) take(second, 20_000);
  assert.equal(model.slowness.now, null);
  for (let second = 60; second < 80; second += 1) take(second, 1_000_000);
  assert.equal(model.slowness.now.step, 'upstream');
  assert.equal(model.slowness.now.ended_time, undefined);
  for (let second = 0; second < 20; second += 1) model.take({ event: 'second', time: at(80), accepted: 0, refused: 0, steps: [] });
  assert.equal(model.slowness.now.ended_time, undefined, 'what never comes back is not fast again');
  for (let second = 80; second < 90; second += 1) take(second, 20_000);
  assert.ok(model.slowness.now.ended_time);
  assert.equal(model.slowness.now.most, 1_000_000, 'not a mean of slow and fast ones, as at its end');
});

test('a number is written in the unit that it is rounded to, and a small rate is not nothing', () => {
  assert.deepEqual([0, 999.4, 999.6, 99_960, 999_600, 2_000_000].map(micros), ['0 µs', '999 µs', '1.0 ms', '100 ms', '1.0 s', '2.0 s']);
  assert.deepEqual([0, 0.04, 0.05, 9.96, 20].map(perSecond), ['0/s', '<0.1/s', '0.1/s', '10/s', '20/s']);
});

test('few retries left are those that could be made at once, and fetches fail only if they did in the last minute', () => {
  assert.ok(isSpent({ budget_tokens: 0.9, burst: 10 }));
  assert.ok(!isSpent({ budget_tokens: 1, burst: 10 }));
  assert.ok(!isSpent({ budget_tokens: 0, burst: 0 }), 'one without retries has none to spend');

  const model = new Model();
  const take = (second, failed) => model.take({ event: 'state', time: at(second), issuers: [{ name: 'ci', fetches: 9, failed_fetches: failed }], upstreams: [] });
  take(0, 3);
  assert.ok(!model.failsNow('ci') && !model.failsNow('other'));
  take(2, 4);
  assert.ok(model.failsNow('ci'));
  take(90, 4);
  assert.ok(!model.failsNow('ci'));
});

test('the page and operators.md give the same commands', () => {
  const plain = (text) => text.replaceAll(/\s*\\?\n\s*/g, ' ').replaceAll('&gt;', '>').trim();
  const commands = [...source('index.html').matchAll(/<pre>((?:curl|oauth2c) [^<]*)<\/pre>/g)].map(([, text]) => plain(text));
  const page = readFileSync(new URL('../../src/docs/operate/operators.md', import.meta.url), 'utf8')
    .replaceAll(/\\\n\s*/g, '')
    .replaceAll('$sso', '$issuer/protocol/openid-connect')
    .replaceAll('https://sso.acme.example/realms/staff', '$issuer')
    .replaceAll('https://broker.acme.example', '$broker')
    .replaceAll('broker-operators', '$client')
    .replaceAll('client_secret@$secret', 'client_secret@secret');
  assert.equal(commands.length, 5);
  for (const command of commands) assert.ok(page.includes(`$ ${command}`), command);
});
