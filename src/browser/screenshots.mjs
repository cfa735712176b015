// Takes the screenshots of the documents, from a broker in dev mode:
//
//   BASE_URL=http://localhost:8080 node screenshots.mjs DIRECTORY
import { join } from 'node:path';
import { launch, WatchedPage } from './browser.mjs';

const [, , directory = '.'] = process.argv;
const VIEWPORT = { width: 1120, height: 740 };

const browser = await launch();
const light = await WatchedPage.open(browser, { colorScheme: 'light', viewport: VIEWPORT });
const dark = await WatchedPage.open(browser, { colorScheme: 'dark', viewport: VIEWPORT }, '#faults');
await light.live();
await dark.page.click('[data-fault=drop-keys]');
await dark.page.waitForSelector('.change.joined', { timeout: 60_000 });
// Long enough for the curves to show how flat they are.
await dark.page.waitForFunction(() => /for [3-5]\d s/.test(document.querySelector('.fault-active').innerText), undefined, { timeout: 60_000 });
await dark.page.locator('.change.joined').scrollIntoViewIfNeeded();
await dark.page.screenshot({ path: join(directory, 'console-dark.png') });

await light.page.selectOption('#filter-outcome', 'refused');
await light.page.click('#exchange-list tr.refused');
await light.page.waitForSelector('#verdict-body .step.failed details[open]');
await light.page.screenshot({ path: join(directory, 'console-light.png') });
await dark.page.click('#restore');
await dark.page.waitForSelector('#restore:disabled');
await browser.close();
