// The built page in a browser, under the content security policy that query-api sends. Build first: `npm run build`.
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { chromium } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startMock } from '../mock/server.mjs';

const FLAGS = ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'];
const USUAL = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
const executablePath = (process.env.CHROMIUM ? [process.env.CHROMIUM] : USUAL).find((path) => existsSync(path));
if (!executablePath) console.warn('SKIPPED: the page was not opened, because no Chromium was found; CHROMIUM names one.');
const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
const VIEWS = ['month-spend', 'daily-trend', 'by-model', 'by-tag', 'cost-per-request', 'token-breakdown', 'budgets', 'alerts'];

describe.skipIf(!executablePath)('the page', () => {
  let browser, mock, page, complaints;

  beforeAll(async () => {
    mock = await startMock();
    browser = await chromium.launch({ executablePath, args: FLAGS });
  });
  afterAll(async () => {
    await browser?.close();
    mock?.close();
  });
  beforeEach(() => {
    complaints = [];
    Object.assign(mock.control, { data: 'month', down: false, delayMs: 0, patch: undefined });
  });
  afterEach(() => page?.close());

  async function open(query = '', options = {}) {
    page = await browser.newPage({ viewport: { width: 1280, height: 900 }, ...options });
    page.on('console', (line) => line.type() === 'error' && complaints.push(line.text()));
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('request', (request) => !request.url().startsWith(mock.url) && complaints.push(`left the host: ${request.url()}`));
    await page.goto(mock.url + query);
    await page.waitForSelector('[data-state=fresh]');
  }

  // Axe itself is injected past the policy, through the debugger.
  async function violations() {
    await page.evaluate(() => document.fonts.ready.then(() => undefined));
    await page.addScriptTag({ path: AXE }).catch(() => undefined);
    const { violations: found } = await page.evaluate(() => window.axe.run(document));
    return found.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 120)).join(' | ')}`);
  }

  for (const data of ['none', 'one', 'unpriced', 'month']) {
    for (const colorScheme of ['light', 'dark']) {
      for (const width of [1280, 390]) {
        it(`has nothing for axe to find, and fits: ${data}, ${colorScheme}, ${width} px`, async () => {
          mock.control.data = data;
          await open('', { colorScheme, viewport: { width, height: 900 }, bypassCSP: true });
          expect(await violations()).toEqual([]);
          const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
          expect(overflow).toBeLessThanOrEqual(0);
        });
      }
    }
  }

  it('shows the eight views without breaking its policy or leaving its host', async () => {
    await open();
    for (const view of VIEWS) expect(await page.locator(`#view-${view}`).count(), view).toBe(1);
    const months = await (await fetch(`${mock.url}api/v1/views/month-spend`)).json();
    expect(await page.getAttribute('#month-spend', 'data-value')).toBe(months.data.cost_usd);
    expect(await page.textContent('#unpriced-banner')).toContain(`${months.data.unpriced_requests.toLocaleString('en-US')} requests`);
    expect(complaints).toEqual([]);
  });

  it('shows one call of an eightieth of a cent as that, not as nothing', async () => {
    mock.control.data = 'one';
    await open();
    expect(await page.textContent('#month-spend')).toBe('$0.000125');
    expect(await page.getAttribute('#month-spend', 'data-value')).toBe('0.000125');
    expect(await page.textContent('#view-by-model')).toContain('gpt-5-mini');
  });

  it('says that a model has no price, with its tokens, and nowhere that it cost nothing', async () => {
    mock.control.data = 'unpriced';
    await open();
    expect(await page.textContent('#month-spend')).toBe('no price');
    for (const view of ['by-model', 'by-tag']) {
      expect(await page.textContent(`#view-${view} tbody`), view).toContain('no price150 tokens');
    }
    expect(await page.locator('#view-by-model .bar-fill').count()).toBe(0);
    for (const name of ['Daily spend', 'Cost per request', 'Tokens']) {
      await page.getByRole('button', { name: `${name} as a table` }).click();
    }
    expect(await page.locator('#view-daily-trend tbody tr').first().textContent()).toContain('no price  ·  1 request, 150 tokens');
    expect(await page.textContent('#view-token-breakdown')).toContain('no price');
    for (const view of ['month-spend', 'by-model', 'by-tag', 'cost-per-request', 'token-breakdown']) {
      const figures = await page.textContent(`#view-${view}`);
      expect(figures.replace('Last month in full$0.00', ''), view).not.toMatch(/\$0(?!\.0*[1-9])/);
    }
    expect(complaints).toEqual([]);
  });

  it('keeps the known sum of a group beside the calls that it leaves out', async () => {
    await open();
    const { data } = await (await fetch(`${mock.url}api/v1/views/by-tag?tag=feature&from=2020-01-01&to=2100-01-01`)).json();
    expect(data.find(({ value }) => value === 'report-writer').cost_usd).not.toBeNull();
    expect(await page.locator('#view-by-tag tr', { hasText: 'report-writer' }).textContent()).toMatch(/\$[\d.,]+\+ \d+ without a price/);
    await page.locator('#view-by-model').getByRole('button', { name: /^Show all/ }).click();
    expect(await page.locator('#view-by-model tbody tr').last().textContent()).toContain('no price');
  });

  it('waits for a first call, and turns into the dashboard when it comes', async () => {
    mock.control.data = 'none';
    await open();
    expect(await page.textContent('#welcome')).toContain('curl http');
    mock.control.data = 'one';
    await page.waitForSelector('#view-daily-trend');
    expect(await page.locator('#welcome').count()).toBe(0);
  });

  it('keeps the figures when the API fails, says so, and comes back by hand', async () => {
    await open('', { bypassCSP: true });
    mock.control.down = true;
    await page.waitForSelector('#live-state[data-state=failing]');
    expect(await violations()).toEqual([]);
    expect(await page.textContent('#problem')).toContain('The store does not answer');
    expect(await page.textContent('#month-spend')).toMatch(/^\$1,\d{3}\.\d\d$|^\$\d+/);
    mock.control.down = false;
    await page.click('#problem button');
    await page.waitForSelector('#live-state[data-state=fresh]');
  });

  it('loses one view, not the page, to a figure that it cannot read', async () => {
    mock.control.patch = (path, rows) => path.endsWith('/by-model') && (rows[0].cost_usd = 'NaN');
    await open();
    expect(await page.textContent('#view-by-model')).toContain('not a decimal amount: "NaN"');
    expect(await page.textContent('#view-by-tag')).toContain('support-chat');
  });

  it('updates its charts in place', async () => {
    await open();
    await page.evaluate(() => document.querySelectorAll('canvas').forEach((canvas) => (canvas.dataset.first = 'yes')));
    mock.control.data = 'one';
    await page.waitForFunction(() => document.querySelector('#month-spend').dataset.value === '0.000125');
    expect(await page.locator('canvas[data-first=yes]').count()).toBe(3);
  });

  it('keeps tenant, period and tag in the address, and the Back button undoes them', async () => {
    await open();
    await page.selectOption('select', 'globex');
    await page.getByRole('radio', { name: '7 days' }).check();
    await page.getByRole('radio', { name: 'Team' }).check();
    expect(new URL(page.url()).search).toBe('?tenant=globex&period=7d&tag=team');
    await page.waitForFunction(() => document.querySelector('#view-by-tag').textContent.includes('analytics'));
    await page.goBack();
    expect(new URL(page.url()).search).toBe('?tenant=globex&period=7d');
  });

  it('is worked by keyboard alone, and gives every chart as a table', async () => {
    await open('', { bypassCSP: true });
    for (const name of ['Daily spend', 'Cost per request', 'Tokens']) {
      await page.getByRole('button', { name: `${name} as a table` }).focus();
      await page.keyboard.press('Enter');
    }
    expect(await page.locator('canvas').count()).toBe(0);
    expect(await violations()).toEqual([]);
    expect(await page.locator('#view-daily-trend tbody tr').count()).toBe(30);
    await page.locator('input[name=period]:checked').focus();
    await page.keyboard.press('ArrowRight');
    expect(new URL(page.url()).search).toBe('?period=last-month');
  });

  it('remembers a chosen theme before the first paint', async () => {
    await open('', { colorScheme: 'light' });
    await page.getByRole('button', { name: 'Use dark colours' }).click();
    await page.reload();
    expect(await page.evaluate(() => document.documentElement.dataset.theme)).toBe('dark');
  });
});
