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
  const sum = { picos: 0n, requests: 0, input: 0, output: 0, unpriced: 0, unpricedTokens: 0 };
  for (const { requests, kinds, unpriced } of cells) {
    sum.requests += requests;
    sum.unpriced += unpriced ? requests : 0;
    for (const { kind, tokens, picos } of kinds) {
      sum.picos += unpriced ? 0n : picos;
      sum.unpricedTokens += unpriced ? tokens : 0;
      sum[kind.includes('output') ? 'output' : 'input'] += tokens;
    }
  }
  const unknown = sum.unpriced > 0 && sum.unpriced === sum.requests;
  return { ...sum, unknown, cost: unknown ? null : usd(sum.picos) };
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
  return groups
    .sort((a, b) => Number(a.unknown) - Number(b.unknown) || (b.picos > a.picos ? 1 : -1))
    .map((group) => ({ ...group, share: group.unknown ? null : share(group.picos) }));
};

/** `options`: cells, now, budgets, alerts, anomalies. */
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
        cost_usd: sum.cost,
        requests: sum.requests,
        unpriced_requests: sum.unpriced,
        unpriced_tokens: sum.unpricedTokens,
        previous_month_cost_usd: total(between(monthStart(now, -1), monthStart(now, 0))).cost,
        previous_month_same_time_cost_usd: total(between(monthStart(now, -1), sameTime)).cost,
        as_of: iso(now),
      };
    }
    case '/views/daily-trend': {
      const today = Math.floor(now / DAY) * DAY;
      const spend = (start) => total(between(start, start + DAY));
      return Array.from({ length: Number(query.get('days') ?? 30) }, (_, index, start = today - (29 - index) * DAY) => {
        const { cost, requests, input, output, unpriced } = spend(start);
        const days = Array.from({ length: 7 }, (_, back) => spend(start - back * DAY));
        const week = days.reduce((sum, { picos }) => sum + picos, 0n);
        const average = week === 0n && days.some(({ unknown }) => unknown) ? null : usd(week / 7n);
        return { day: day(start), cost_usd: cost, requests, input_tokens: input, output_tokens: output, unpriced_requests: unpriced, average_cost_usd: average };
      });
    }
    case '/views/by-model':
      return bySpend(groupBy(inRange(), ({ model }) => model)).map(({ key, first, cost, requests, input, output, unpriced, share }) => ({
        provider: first.provider, model: key, cost_usd: cost, requests, input_tokens: input, output_tokens: output, unpriced_requests: unpriced, share_percent: share,
      }));
    case '/views/by-tag':
      return bySpend(groupBy(inRange(), ({ tags }) => tags[query.get('tag')] ?? '')).map(({ key, cost, requests, input, output, unpriced, share }) => ({
        value: key, cost_usd: cost, requests, input_tokens: input, output_tokens: output, unpriced_requests: unpriced, share_percent: share,
      }));
    case '/views/cost-per-request':
      return windows().map(({ key, picos, cost, requests, unpriced, unknown }) => ({
        window_start: iso(key), cost_usd: cost, requests, cost_per_request_usd: unknown ? null : usd(picos / BigInt(requests)), unpriced_requests: unpriced,
      }));
    case '/views/token-breakdown': {
      const kinds = new Map();
      for (const { kind, tokens, picos, unpriced } of inRange().flatMap((cell) => cell.kinds.map((kind) => ({ ...kind, unpriced: cell.unpriced })))) {
        const row = kinds.get(kind) ?? { tokens: 0, picos: 0n, priced: 0 };
        kinds.set(kind, { tokens: row.tokens + tokens, picos: row.picos + (unpriced ? 0n : picos), priced: row.priced + (unpriced ? 0 : tokens) });
      }
      return {
        totals: [...kinds].map(([kind, { tokens, picos, priced }]) => ({ kind, tokens, cost_usd: tokens > 0 && priced === 0 ? null : usd(picos) })),
        series: windows().map(({ key, input, output }) => ({ window_start: iso(key), input_tokens: input, output_tokens: output })),
      };
    }
    case '/views/budget-utilization':
      return ofTenant(options.budgets ?? []).map(({ limit, ...budget }) => {
        const spent = total(options.cells.filter((cell) => cell.tenant === budget.tenant && cell.hour >= monthStart(now, 0))).picos;
        return {
          budget_id: `${budget.tenant}-monthly`, ...budget, dimensions: {}, period: 'month', time_zone: 'UTC', spent_usd: usd(spent), limit_usd: usd(limit), spent_tokens: 0, limit_tokens: null, fallback_model: null,
          carried_over_usd: usd(0n), carried_over_tokens: null, forecast_usd: usd((spent * 13n) / 10n), forecast_tokens: null, forecast_low_usd: usd((spent * 12n) / 10n), forecast_low_tokens: null, forecast_high_usd: usd((spent * 14n) / 10n), forecast_high_tokens: null,
          exhausted_at: (spent * 13n) / 10n > limit ? new Date(Date.now() + 3 * 86_400_000).toISOString() : null, top_contributors: [],
          utilization_percent: Number((spent * 10_000n) / limit) / 100, period_start: iso(monthStart(now, 0)), period_end: iso(monthStart(now, 1)),
        };
      });
    case '/alerts':
      return ofTenant(options.alerts ?? []);
    case '/anomalies':
      return ofTenant(options.anomalies ?? []);
    case '/tenants':
      return bySpend(groupBy(options.cells, (cell) => cell.tenant)).map(({ key, cost, requests }) => ({ tenant: key, cost_usd: cost, requests }));
    default:
      return undefined;
  }
}
