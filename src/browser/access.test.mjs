// Keyboard only, light and dark, a narrow screen, and the rules of axe-core in each state.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { launch, SCREENS, WatchedPage } from './browser.mjs';
import { operatorToken, stage } from './stage.mjs';

const TABS = ['exchanges', 'timeline', 'peers', 'federation', 'explain'];

const FILTERS = ['outcome', 'reason', 'issuer', 'target', 'rule'].map((name) => `filter-${name}`);

let browser;
let token;

before(async () => {
  browser = await launch();
  token = await operatorToken();
  await stage('exchange', 'payments-api');
  await stage('exchange', 'orders');
  await stage('remove-key');
});

after(() => browser?.close());

/** Opens the page, with refusals in its list, since it samples only what happens from now on. */
async function opened(options) {
  const watched = await WatchedPage.open(browser, options);
  await watched.page.waitForSelector('#sign-in:not([hidden])');
  await watched.accessible('sign-in');
  await watched.fits('sign-in');
  await watched.page.click('#get-token summary');
  await watched.accessible('how to get a token');
  await watched.fits('how to get a token');
  await watched.signIn(token);
  await stage('exchange', 'payments-api');
  for (let call = 0; call < 3; call += 1) await stage('refuse');
  await watched.sees('#exchange-list tr.refused', 'AUDIENCE_MISMATCH');
  await watched.sees('#attention', 'AUDIENCE_MISMATCH');
  return watched;
}

for (const [name, options] of Object.entries(SCREENS)) {
  test(`every state follows the rules of axe-core and fits: ${name}`, async () => {
    const watched = await opened(options);
    const background = await watched.page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    assert.equal(background, name.startsWith('dark') ? 'rgb(14, 17, 22)' : 'rgb(245, 246, 248)');

    for (const tab of TABS) {
      await watched.choose(tab);
      await watched.accessible(tab);
      await watched.fits(tab);
    }
    await watched.choose('exchanges');
    await watched.page.click('#exchange-list tr.refused');
    await watched.page.waitForSelector('#verdict-body .step.failed details[open]');
    await watched.accessible('verdict');
    await watched.fits('verdict');
    await watched.page.keyboard.press('Escape');

    await watched.choose('explain');
    await watched.page.fill('#explain-target', 'payments-api');
    await watched.page.fill('#explain-credential', await stage('credential'));
    await watched.page.click('#explain [type=submit]');
    await watched.sees('#explained .verdict-outcome', 'accepted');
    await watched.accessible('explained');
    await watched.fits('explained');
    await watched.faultless(1);
    await watched.close();
  });
}

test('everything is reached by the keyboard, in the order of the page', async () => {
  const watched = await WatchedPage.open(browser);
  const { page } = watched;
  const focused = () => page.evaluate(() => document.activeElement.id || document.activeElement.tagName);
  await page.waitForSelector('#sign-in:not([hidden])');
  await page.keyboard.type(token);
  await page.keyboard.press('Enter');
  await watched.live();
  await stage('refuse');
  await watched.sees('#exchange-list tr.refused', 'AUDIENCE_MISMATCH');
  await watched.sees('#reasons', 'AUDIENCE_MISMATCH');

  // From the top: the skip link, the head, the tabs as one stop, the bar, the reasons, the filters, the box for an id, the list as one stop.
  await page.focus('.skip');
  await page.keyboard.press('Shift+Tab');
  const stops = [];
  while (stops.at(-1) !== 'TR' && stops.length < 40) {
    await page.keyboard.press('Tab');
    stops.push(await focused());
  }
  const bar = await page.$$eval('#attention :is(button, a)', (all) => all.map(({ tagName }) => tagName));
  const reasons = await page.$$eval('#reasons button', (all) => all.map(({ tagName }) => tagName));
  assert.ok(reasons.length > 0);
  assert.deepEqual(stops, ['A', 'sign-out', 'tab-exchanges', ...bar, ...reasons, ...FILTERS, 'pause', 'verdict-id', 'BUTTON', 'TR']);
  const outline = await page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle);
  assert.equal(outline, 'solid');

  // The list is one stop; arrow keys move in it, Enter opens, Escape closes and comes back.
  await page.selectOption('#filter-outcome', 'refused');
  await page.focus('#find-verdict button');
  await page.keyboard.press('Tab');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Home');
  await page.keyboard.press('Enter');
  await page.waitForSelector('#verdict-body .step.failed details[open]');
  assert.equal(await focused(), 'verdict-title');
  await page.keyboard.press('Tab');
  assert.equal(await focused(), 'verdict-close');
  await page.keyboard.press('Escape');
  assert.equal(await focused(), 'TR');

  // Tabs: arrows go round, Home and End go to the ends.
  await page.focus('#tab-exchanges');
  for (const [key, tab] of [
    ['ArrowRight', 'timeline'],
    ['End', 'explain'],
    ['ArrowRight', 'exchanges'],
    ['ArrowLeft', 'explain'],
    ['Home', 'exchanges'],
  ]) {
    await page.keyboard.press(key);
    assert.equal(await focused(), `tab-${tab}`);
    assert.ok(await page.isVisible(`#panel-${tab}`), tab);
  }

  // The form of an explanation.
  await page.keyboard.press('End');
  await page.focus('#panel-explain');
  await page.keyboard.press('Tab');
  assert.equal(await focused(), 'explain-target');
  await page.keyboard.type('payments-api');
  await page.keyboard.press('Tab');
  await page.keyboard.insertText(await stage('credential'));
  for (const stop of ['explain-type', 'explain-scope']) {
    await page.keyboard.press('Tab');
    assert.equal(await focused(), stop);
  }
  await page.keyboard.press('Enter');
  await watched.sees('#explained .verdict-outcome', 'accepted');
  assert.equal(await focused(), 'explained-title');
  await watched.faultless(1);
  await watched.close();
});
