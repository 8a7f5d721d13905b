// Pictures of the built page for every data set, width and theme: /tmp/page-<set>-<width>-<theme>.png.
import { chromium } from 'playwright-core';
import { startMock } from './server.mjs';

const FLAGS = ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'];
const mock = await startMock();
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: FLAGS });
const wanted = process.argv.slice(2);

async function shoot(name, width, theme, { data, down = false, query = '' }) {
  if (wanted.length && !wanted.some((part) => `${name}-${width}-${theme}`.includes(part))) return;
  Object.assign(mock.control, { data, down: false });
  const page = await browser.newPage({ viewport: { width, height: 900 }, colorScheme: theme, deviceScaleFactor: width < 500 ? 2 : 1 });
  page.on('console', (line) => ['error', 'warning'].includes(line.type()) && console.log(name, width, theme, line.text()));
  page.on('pageerror', (error) => console.log(name, width, theme, error.message));
  await page.goto(`${mock.url}${query}`);
  await page.waitForSelector('[data-state=fresh]');
  if (down) {
    mock.control.down = true;
    await page.waitForSelector('[data-state=failing]');
  }
  await page.waitForTimeout(250);
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  if (wide > 0) console.log(`${name}-${width}: ${wide} px too wide`);
  await page.screenshot({ path: `/tmp/page-${name}-${width}-${theme}.png`, fullPage: true });
  await page.close();
}

for (const width of [1280, 390]) {
  for (const theme of ['light', 'dark']) {
    for (const data of ['none', 'one', 'unpriced', 'month']) await shoot(data, width, theme, { data });
  }
  await shoot('hours', width, 'light', { data: 'month', query: '?period=24h&tenant=acme&tag=environment' });
  await shoot('down', width, 'light', { data: 'month', down: true });
}
await shoot('month', 1720, 'light', { data: 'month' });
await shoot('month', 800, 'light', { data: 'month' });
await browser.close();
mock.close();
