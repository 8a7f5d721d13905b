/** Counts, shares, dates. All dates are shown in UTC, the zone in which days and months are billed here. */
const COUNT = new Intl.NumberFormat('en-US');
const COMPACT = new Intl.NumberFormat('en-US', { notation: 'compact', maximumSignificantDigits: 3 });
const PERCENT = new Intl.NumberFormat('en-US', { maximumFractionDigits: 1 });

export const formatCount = (value: number) => COUNT.format(value);
export const formatCompact = (value: number) => COMPACT.format(value);

/** `12.4%`; a share above nothing never reads as 0. */
export function formatPercent(value: number): string {
  return value > 0 && value < 0.1 ? '<0.1%' : `${PERCENT.format(value)}%`;
}

export function plural(count: number, one: string, many = `${one}s`, format = formatCount): string {
  return `${format(count)} ${count === 1 ? one : many}`;
}

const date = (options: Intl.DateTimeFormatOptions) =>
  new Intl.DateTimeFormat('en-US', { timeZone: 'UTC', ...options });

const DAY = date({ month: 'short', day: 'numeric' });
const WEEKDAY = date({ weekday: 'short', month: 'short', day: 'numeric' });
const HOUR = date({ hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
const DAY_HOUR = date({ month: 'short', day: 'numeric', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
const MONTH = date({ month: 'long', year: 'numeric' });

export const formatDay = (time: number) => DAY.format(time);
export const formatWeekday = (time: number) => WEEKDAY.format(time);
export const formatHour = (time: number) => HOUR.format(time);
export const formatDayHour = (time: number) => DAY_HOUR.format(time);

/** `2026-11` as `November 2026`. */
export const formatMonth = (month: string) => MONTH.format(Date.parse(`${month}-01T00:00:00Z`));

/** `4 s ago`, `3 min ago`, `2 h ago`, then the day. */
export function formatAgo(time: number, now: number): string {
  const seconds = Math.max(0, Math.round((now - time) / 1000));
  if (seconds < 60) return `${seconds} s ago`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h ago`;
  return formatDay(time);
}
