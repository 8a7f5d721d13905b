// The API and the built page, without the rest of Tokenmeter: `npm run mock -- --data month --port 8090`.
// Data sets: none (no call yet), one (a single call), unpriced (the same without a price), month (several tenants, an anomaly, budgets, alerts).
import { createServer } from 'node:http';
import { readFile } from 'node:fs/promises';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { monthCells, oneCell, unpricedCell } from './month.mjs';
import { answer } from './views.mjs';

const DIST = process.env.DASHBOARD_OUT ?? fileURLToPath(new URL('../../target/classes/dashboard', import.meta.url));
const TYPES = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml', '.woff2': 'font/woff2' };
const DAY = 86_400_000;

const made = new Map();

/** Made once a minute: a poll asks for ten views, and every view reads every cell. */
function dataset(name, time) {
  const now = Math.floor(time / 60_000) * 60_000;
  const key = `${name} ${now}`;
  if (!made.has(key)) made.set(key, make(name, now));
  return made.get(key);
}

function make(name, now) {
  if (name === 'none') return { now, cells: [] };
  if (name === 'one') return { now, cells: oneCell(now) };
  if (name === 'unpriced') return { now, cells: unpricedCell(now) };
  const anomalyDay = new Date(Math.floor(now / DAY) * DAY - 5 * DAY).toISOString();
  const ago = (hours) => new Date(now - hours * 3_600_000).toISOString();
  const budget = (tenant, name, dollars, thresholds, hard) => ({ tenant, name, limit: BigInt(dollars) * 10n ** 12n, thresholds_percent: thresholds, hard });
  const cells = monthCells(now);
  const odd = cells.filter(({ tenant, hour }) => tenant === 'acme' && hour >= Date.parse(anomalyDay) && hour < Date.parse(anomalyDay) + DAY);
  const observed = odd.flatMap(({ kinds }) => kinds).reduce((sum, { picos }) => sum + picos, 0n);
  return {
    now,
    cells,
    budgets: [
      budget('acme', 'Acme monthly', 1_250, [50, 80], false),
      budget('globex', 'Globex monthly', 290, [80], true),
      budget('initech', 'Initech voice and SQL', 900, [80], false),
    ],
    alerts: [
      { alert_id: 'a1', kind: 'budget_threshold', state: 'firing', severity: 'critical', tenant: 'globex', summary: 'Globex monthly has used more than 100 % of $290.00.', starts_at: ago(3), updated_at: ago(0.2), labels: { budget_id: 'globex-monthly', threshold: '100' } },
      { alert_id: 'a2', kind: 'budget_threshold', state: 'firing', severity: 'warning', tenant: 'acme', summary: 'Acme monthly has passed 80 % of its $1,250.00 budget.', starts_at: ago(30), updated_at: ago(30), labels: { budget_id: 'acme-monthly', threshold: '80' } },
      { alert_id: 'a3', kind: 'anomaly', state: 'resolved', severity: 'warning', tenant: 'acme', summary: 'Spend of the day is over twice the daily average; code-review on claude-opus-4-6 explains most of it.', starts_at: ago(110), updated_at: ago(96), labels: { rule: 'day_over_average' } },
    ],
    anomalies: [
      { anomaly_id: 'n1', tenant: 'acme', rule: 'day_over_average', window_start: anomalyDay, observed_usd: (Number(observed) / 1e12).toFixed(12), expected_usd: '48.3141', detected_at: ago(110), dimensions: { tenant: 'acme' },
        contributors: [{ dimensions: { 'tag.feature': 'code-review' }, expected_usd: '8.1', observed_usd: '73.4', difference_usd: '65.3' }] },
    ],
  };
}

async function page(response, path) {
  const file = join(DIST, normalize(path === '/' ? '/index.html' : path));
  const body = await readFile(file).catch(() => undefined);
  response.writeHead(body ? 200 : 404, {
    'Content-Type': TYPES[extname(file)] ?? 'application/octet-stream',
    'Content-Security-Policy': "default-src 'self'",
  });
  response.end(body);
}

/** `control.down` makes the API fail, `control.data` switches the set, `control.delayMs` slows it, `control.patch` spoils it. */
export async function startMock({ data = 'month', port = 0 } = {}) {
  const control = { data, down: false, delayMs: 0, patch: undefined };
  const server = createServer(async (request, response) => {
    const url = new URL(request.url, 'http://mock');
    if (!url.pathname.startsWith('/api/v1/')) return page(response, url.pathname);
    if (control.delayMs) await new Promise((resolve) => setTimeout(resolve, control.delayMs));
    const rows = control.down ? undefined : answer(url.pathname.slice(7), url.searchParams, dataset(control.data, Date.now()));
    if (control.patch) control.patch(url.pathname, rows);
    const status = control.down ? 503 : rows === undefined ? 404 : 200;
    const body = status === 200 ? { data: rows, meta: {} } : { title: 'Unavailable', status, detail: 'The store does not answer.' };
    response.writeHead(status, { 'Content-Type': status === 200 ? 'application/json' : 'application/problem+json' });
    response.end(JSON.stringify(body));
  });
  await new Promise((resolve) => server.listen(port, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${server.address().port}/`, control, close: () => server.close() };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values } = parseArgs({ options: { data: { type: 'string', default: 'month' }, port: { type: 'string', default: '8090' } } });
  const { url } = await startMock({ data: values.data, port: Number(values.port) });
  console.log(`The page with made-up data (${values.data}): ${url}`);
}
