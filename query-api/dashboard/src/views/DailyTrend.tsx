/** View 2: thirty days of spend, the week's average over them, and the days that broke a rule. */
import { useMemo } from 'preact/hooks';
import type { Anomaly, Day } from '../api/types';
import { causesOf, figuresOf, subjectOf } from '../format/anomaly';
import { formatUsd, formatUsdAxis, sum, toNumber } from '../format/money';
import { formatCompact, formatDay, formatWeekday, plural } from '../format/text';
import type { Loaded } from '../state/dashboard';
import { DAY_MS } from '../state/period';
import { Pending } from '../ui/Card';
import { ChartCard } from '../ui/ChartCard';
import type { ChartSpec, Series } from '../ui/chartConfig';
import type { Role } from '../ui/palette';

const startOfDay = (time: string) => Math.floor(Date.parse(time) / DAY_MS) * DAY_MS;

function describe(days: Day[], anomalies: Anomaly[]): ChartSpec {
  const times = days.map(({ day }) => startOfDay(day));
  const odd = new Set(anomalies.map(({ window_start }) => startOfDay(window_start)));
  const today = Math.floor(Date.now() / DAY_MS) * DAY_MS;
  const highlights = new Map<number, Role>();
  times.forEach((time, at) => {
    if (odd.has(time)) highlights.set(at, 'attention');
    else if (time === today) highlights.set(at, 'accent-soft');
  });
  const texts = days.map(textOf);
  const costs = days.map(({ cost_usd }) => toNumber(cost_usd));
  const series: Series[] = [
    { label: 'Spend', kind: 'bar', color: 'accent', values: costs, texts, highlights },
    {
      label: '7-day average',
      kind: 'line',
      color: 'second',
      // Today is not over: counted as a whole day it would bend the average down every morning.
      values: days.map((day, at) => (times[at] === today ? null : toNumber(day.average_cost_usd))),
      texts: days.map((day, at) => (times[at] === today ? '' : formatUsd(day.average_cost_usd))),
    },
  ];
  if (times.some((time) => odd.has(time))) {
    series.push({
      label: 'Anomaly',
      kind: 'marker',
      color: 'attention',
      values: times.map((time, at) => (odd.has(time) ? (costs[at] ?? 0) * 1.05 : null)),
      texts: times.map((time) => (odd.has(time) ? expectation(time, anomalies) : '')),
    });
  }
  return {
    labels: times.map(formatDay),
    titles: times.map((time) => (time === today ? `${formatWeekday(time)}, so far` : formatWeekday(time))),
    series,
    formatTick: formatUsdAxis,
  };
}

function textOf({ cost_usd, requests, input_tokens, output_tokens }: Day): string {
  const text = `${formatUsd(cost_usd)}  ·  ${plural(requests, 'request')}`;
  return cost_usd === null ? `${text}, ${plural(input_tokens + output_tokens, 'token', 'tokens', formatCompact)}` : text;
}

function expectation(time: number, anomalies: Anomaly[]): string {
  return anomalies
    .filter(({ window_start }) => startOfDay(window_start) === time)
    .filter(({ part_of }) => !part_of)
    .map((anomaly) => [`${subjectOf(anomaly)}: ${figuresOf(anomaly)}`, causesOf(anomaly)].filter(Boolean).join('; '))
    .join('; ');
}

interface DailyTrendProps {
  view: Loaded<Day[]> | undefined;
  anomalies: Anomaly[] | undefined;
  error: string | undefined;
}

export function DailyTrend({ view, anomalies, error }: DailyTrendProps) {
  const days = view?.data;
  const spec = useMemo(() => days && describe(days, anomalies ?? []), [days, anomalies]);
  const total = days && sum(days.map(({ cost_usd }) => cost_usd));
  return (
    <ChartCard
      id="view-daily-trend"
      title="Daily spend"
      note={total ? `${formatUsd(total)} in the last ${plural(days!.length, 'day')}` : 'Last 30 days'}
      label={days ? summary(days, anomalies ?? []) : ''}
      windowName="Day"
      spec={spec}
      busy={view?.outdated ?? false}
      className="fill"
    >
      {!spec && <Pending error={error} rows={7} />}
    </ChartCard>
  );
}

function summary(days: Day[], anomalies: Anomaly[]): string {
  const highest = days.reduce((top, day) => (Number(day.cost_usd ?? 0) > Number(top.cost_usd ?? 0) ? day : top), days[0]!);
  const total = sum(days.map(({ cost_usd }) => cost_usd));
  if (total === null) return `Daily spend over ${plural(days.length, 'day')}: no price is known of any call.`;
  return (
    `Daily spend over ${plural(days.length, 'day')}: ${formatUsd(total)} in all, highest ${formatUsd(highest.cost_usd)} on ` +
    `${formatWeekday(startOfDay(highest.day))}; ${plural(anomalies.length, 'anomaly', 'anomalies')}.`
  );
}
