/** What the charts over a picked period share: every window of the range, with its words. */
import { formatDay, formatDayHour, formatHour, formatWeekday } from '../format/text';
import { DAY_MS, windowsOf, type Range } from '../state/period';

export interface Windows {
  times: number[];
  labels: string[];
  titles: string[];
  /** Heading for a table's column of windows. */
  name: string;
}

export function describeWindows(range: Range): Windows {
  const times = windowsOf(range);
  if (range.granularity === 'day') {
    return { times, labels: times.map(formatDay), titles: times.map(formatWeekday), name: 'Day' };
  }
  const short = range.to - range.from <= DAY_MS;
  return { times, labels: times.map(short ? formatHour : formatDay), titles: times.map(formatDayHour), name: 'Hour (UTC)' };
}

export function byWindow<T extends { window_start: string }>(rows: T[]): Map<number, T> {
  return new Map(rows.map((row) => [Date.parse(row.window_start), row]));
}
