/** Fetches the views. One place knows the paths and parameters. */
import type { Filters } from '../state/filters';
import { rangeOf, type Range } from '../state/period';
import type { Answer, ViewName } from './types';

const TIMEOUT_MS = 15_000;

export class ApiError extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

export interface Query {
  url: string;
  range: Range;
}

type Parameters = Record<string, string | number>;

/** Relative to the page, as its own assets are. */
function url(path: string, parameters: Parameters): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) if (value !== '') query.set(name, String(value));
  const text = query.toString();
  return `api/v1/${path}${text ? `?${text}` : ''}`;
}

export function queriesOf({ period, tenant, tag }: Filters, now: number): Record<ViewName, Query> {
  const range = rangeOf(period, now);
  const within = {
    tenant,
    from: new Date(range.from).toISOString(),
    to: new Date(range.to).toISOString(),
  };
  const stepped = { ...within, granularity: range.granularity };
  const urls: Record<ViewName, string> = {
    monthSpend: url('views/month-spend', { tenant }),
    dailyTrend: url('views/daily-trend', { tenant, days: 30 }),
    byModel: url('views/by-model', within),
    byTag: url('views/by-tag', { ...within, tag }),
    costPerRequest: url('views/cost-per-request', stepped),
    tokenBreakdown: url('views/token-breakdown', stepped),
    budgets: url('views/budget-utilization', { tenant }),
    alerts: url('alerts', { tenant, limit: 20 }),
    anomalies: url('anomalies', { tenant, limit: 20 }),
    tenants: url('tenants', {}),
  };
  return Object.fromEntries(
    Object.entries(urls).map(([name, address]) => [name, { url: address, range }]),
  ) as Record<ViewName, Query>;
}

/** The body's text, so that an unchanged answer can be told from a changed one without comparing objects. */
export async function fetchText(address: string, signal: AbortSignal): Promise<string> {
  const response = await fetch(address, {
    headers: { Accept: 'application/json' },
    signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
  });
  const text = await response.text();
  if (!response.ok) throw new ApiError(response.status, problemOf(text) ?? `HTTP ${response.status}`);
  return text;
}

export function parse<T>(text: string): Answer<T> {
  return JSON.parse(text) as Answer<T>;
}

/** The sentence in an RFC 9457 problem document, if the body is one. */
function problemOf(text: string): string | undefined {
  try {
    const problem = JSON.parse(text) as { detail?: string; title?: string };
    return problem.detail ?? problem.title;
  } catch {
    return undefined;
  }
}
