// Answers the API's views from hourly cells (see month.mjs), in the API's shapes.
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const ONE_USD = 10n ** 12n;

const usd = (picos) => {
  const fraction = (picos % ONE_USD).toString().padStart(12, '0').replace(/0+$/, '');
  return `${picos / ONE_USD}${fraction && `.${fraction}`}`;
};
const iso = (time) => new Date(time).toISOString();
const day = (time) => iso(time).slice(0, 10);
const monthStart = (now, offset) => Date.UTC(new Date(now).getUTCFullYear(), new Date(now).getUTCMonth() + offset, 1);

function total(cells) {
  const sum = { picos: 0n, requests: 0, input: 0, output: 0 };
  for (const { requests, kinds } of cells) {
    sum.requests += requests;
    for (const { kind, tokens, picos } of kinds) {
      sum.picos += picos;
      sum[kind.includes('output') ? 'output' : 'input'] += tokens;
    }
  }
  return sum;
}

function groupBy(cells, keyOf) {
  const groups = new Map();
  for (const cell of cells) {
    const key = keyOf(cell);
    if (!groups.has(key)) groups.set(key, []);
    groups.get(key).push(cell);
  }
  return [...groups].map(([key, members]) => ({ key, first: members[0], ...total(members) }));
}

const bySpend = (groups) => {
  const all = groups.reduce((sum, { picos }) => sum + picos, 0n);
  const share = (picos) => (all === 0n ? 0 : Number((picos * 10_000n) / all) / 100);
  return groups.sort((a, b) => (b.picos > a.picos ? 1 : -1)).map((group) => ({ ...group, share: share(group.picos) }));
};

/** `options`: cells, now, budgets, alerts, anomalies, unpriced. */
export function answer(path, query, options) {
  const { now } = options;
  const tenant = query.get('tenant');
  const ofTenant = (rows) => rows.filter((row) => !tenant || row.tenant === tenant);
  const cells = ofTenant(options.cells);
  const between = (from, to) => cells.filter(({ hour }) => hour >= from && hour < to);
  const inRange = () => between(Date.parse(query.get('from')), Date.parse(query.get('to')));
  const step = query.get('granularity') === 'hour' ? HOUR : DAY;
  const windows = () => groupBy(inRange(), ({ hour }) => Math.floor(hour / step) * step);
  switch (path) {
    case '/views/month-spend': {
      const sum = total(between(monthStart(now, 0), now + 1));
      const sameTime = monthStart(now, -1) + (now - monthStart(now, 0));
      return {
        month: day(now).slice(0, 7),
        cost_usd: usd(sum.picos),
        requests: sum.requests,
        unpriced_requests: options.unpriced?.[0] ?? 0,
        unpriced_tokens: options.unpriced?.[1] ?? 0,
        previous_month_cost_usd: usd(total(between(monthStart(now, -1), monthStart(now, 0))).picos),
        previous_month_same_time_cost_usd: usd(total(between(monthStart(now, -1), sameTime)).picos),
        as_of: iso(now),
      };
    }
    case '/views/daily-trend': {
      const today = Math.floor(now / DAY) * DAY;
      const spend = (start) => total(between(start, start + DAY));
      return Array.from({ length: Number(query.get('days') ?? 30) }, (_, index, start = today - (29 - index) * DAY) => {
        const { picos, requests, input, output } = spend(start);
        const week = Array.from({ length: 7 }, (_, back) => spend(start - back * DAY).picos).reduce((a, b) => a + b);
        return { day: day(start), cost_usd: usd(picos), requests, input_tokens: input, output_tokens: output, average_cost_usd: usd(week / 7n) };
      });
    }
    case '/views/by-model':
      return bySpend(groupBy(inRange(), ({ model }) => model)).map(({ key, first, picos, requests, input, output, share }) => ({
        provider: first.provider, model: key, cost_usd: usd(picos), requests, input_tokens: input, output_tokens: output, share_percent: share,
      }));
    case '/views/by-tag':
      return bySpend(groupBy(inRange(), ({ tags }) => tags[query.get('tag')] ?? '')).map(({ key, picos, requests, share }) => ({
        value: key, cost_usd: usd(picos), requests, share_percent: share,
      }));
    case '/views/cost-per-request':
      return windows().map(({ key, picos, requests }) => ({
        window_start: iso(key), cost_usd: usd(picos), requests, cost_per_request_usd: usd(picos / BigInt(requests)),
      }));
    case '/views/token-breakdown': {
      const kinds = new Map();
      for (const { kind, tokens, picos } of inRange().flatMap((cell) => cell.kinds)) {
        const row = kinds.get(kind) ?? { tokens: 0, picos: 0n };
        kinds.set(kind, { tokens: row.tokens + tokens, picos: row.picos + picos });
      }
      return {
        totals: [...kinds].map(([kind, { tokens, picos }]) => ({ kind, tokens, cost_usd: usd(picos) })),
        series: windows().map(({ key, input, output }) => ({ window_start: iso(key), input_tokens: input, output_tokens: output })),
      };
    }
    case '/views/budget-utilization':
      return ofTenant(options.budgets ?? []).map(({ limit, ...budget }) => {
        const spent = total(options.cells.filter((cell) => cell.tenant === budget.tenant && cell.hour >= monthStart(now, 0))).picos;
        return {
          budget_id: `${budget.tenant}-monthly`, ...budget, dimensions: {}, period: 'month', time_zone: 'UTC', spent_usd: usd(spent), limit_usd: usd(limit), spent_tokens: 0, limit_tokens: null, fallback_model: null,
          utilization_percent: Number((spent * 10_000n) / limit) / 100, period_start: iso(monthStart(now, 0)), period_end: iso(monthStart(now, 1)),
        };
      });
    case '/alerts':
      return ofTenant(options.alerts ?? []);
    case '/anomalies':
      return ofTenant(options.anomalies ?? []);
    case '/tenants':
      return bySpend(groupBy(options.cells, (cell) => cell.tenant)).map(({ key, picos, requests }) => ({ tenant: key, cost_usd: usd(picos), requests }));
    default:
      return undefined;
  }
}
