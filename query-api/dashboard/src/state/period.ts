/** The periods that can be picked, and the windows they stand for. Bounds lie on UTC hours or days, as rollups do. */
export const PERIODS = [
  { id: 'month', label: 'This month' },
  { id: 'last-month', label: 'Last month' },
  { id: '30d', label: '30 days' },
  { id: '7d', label: '7 days' },
  { id: '24h', label: '24 hours' },
] as const;

export type PeriodId = (typeof PERIODS)[number]['id'];
export type Granularity = 'hour' | 'day';

export interface Range {
  /** Epoch ms, inclusive. */
  from: number;
  /** Epoch ms, exclusive; may lie ahead of now, at the end of the running hour or day. */
  to: number;
  granularity: Granularity;
}

export const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;

const startOf = (now: number, step: number) => Math.floor(now / step) * step;

function monthStart(now: number, offset: number): number {
  const date = new Date(now);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + offset, 1);
}

export function rangeOf(period: PeriodId, now: number): Range {
  const tomorrow = startOf(now, DAY_MS) + DAY_MS;
  const nextHour = startOf(now, HOUR_MS) + HOUR_MS;
  switch (period) {
    case 'month':
      return { from: monthStart(now, 0), to: tomorrow, granularity: 'day' };
    case 'last-month':
      return { from: monthStart(now, -1), to: monthStart(now, 0), granularity: 'day' };
    case '30d':
      return { from: tomorrow - 30 * DAY_MS, to: tomorrow, granularity: 'day' };
    case '7d':
      return { from: tomorrow - 7 * DAY_MS, to: nextHour, granularity: 'hour' };
    case '24h':
      return { from: nextHour - 24 * HOUR_MS, to: nextHour, granularity: 'hour' };
  }
}

/** The start of every window in the range, so that windows without calls have their place on the axis too. */
export function windowsOf(range: Range): number[] {
  const step = range.granularity === 'hour' ? HOUR_MS : DAY_MS;
  const windows: number[] = [];
  for (let start = range.from; start < range.to; start += step) windows.push(start);
  return windows;
}

export const periodLabel = (id: PeriodId) => PERIODS.find((period) => period.id === id)!.label;
