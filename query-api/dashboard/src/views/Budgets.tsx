/** View 7: how much of each budget is used, with the marks at which somebody is told. */
import type { BudgetUse } from '../api/types';
import { formatUsd, formatUsdExact, type Money } from '../format/money';
import { formatCompact, formatCount, formatDay, formatDayHour, formatPercent, plural } from '../format/text';
import type { Loaded } from '../state/dashboard';
import { DAY_MS, HOUR_MS } from '../state/period';
import { Card, Empty, Pending } from '../ui/Card';

type Level = 'ok' | 'near' | 'over';

export function levelOf({ utilization_percent: used, thresholds_percent: thresholds }: BudgetUse): Level {
  if (used >= 100) return 'over';
  return thresholds.some((threshold) => used >= threshold) ? 'near' : 'ok';
}

function statusOf(budget: BudgetUse): string {
  const passed = budget.thresholds_percent.filter((threshold) => budget.utilization_percent >= threshold);
  switch (levelOf(budget)) {
    case 'over':
      return budget.hard ? 'Calls are blocked' : 'Over budget';
    case 'near':
      return `Past ${Math.max(...passed)}%`;
    case 'ok':
      return 'On track';
  }
}

export function Budgets({ view, error }: { view: Loaded<BudgetUse[]> | undefined; error: string | undefined }) {
  const budgets = view && [...view.data].sort((a, b) => b.utilization_percent - a.utilization_percent);
  return (
    <Card id="view-budgets" title="Budgets" note="Running periods" busy={view?.outdated ?? false}>
      {!budgets && <Pending error={error} rows={4} />}
      {budgets?.length === 0 && <Empty>No budget is set. With one, an alert comes before it is used up.</Empty>}
      {budgets && budgets.length > 0 && (
        <ul class="budgets">
          {budgets.map((budget) => (
            <Gauge key={`${budget.budget_id} ${budget.period_start}`} budget={budget} />
          ))}
        </ul>
      )}
    </Card>
  );
}

function spentOf(budget: BudgetUse, usd: (amount: Money) => string, count: (tokens: number) => string): string {
  return budget.limit_tokens === null
    ? `${usd(budget.spent_usd)} of ${usd(budget.limit_usd ?? '0')}`
    : `${count(budget.spent_tokens)} of ${count(budget.limit_tokens)} tokens`;
}

/** `team growth`, `model gpt-4o`. */
function scopeOf(budget: BudgetUse): string[] {
  return Object.entries(budget.dimensions).map(([name, value]) => `${name.replace(/^tag\./, '').replace('_', ' ')} ${value}`);
}

const PERIODS = { day: 'daily', week: 'weekly', month: 'monthly', total: 'in total' };

/** Whole days, or hours of a day, as alerts count them. */
function timeLeft(budget: BudgetUse): string {
  if (budget.period === 'total') return PERIODS.total;
  const left = Math.max(0, Date.parse(budget.period_end) - Date.now());
  const [unit, length] = budget.period === 'day' ? ['hour', HOUR_MS] as const : ['day', DAY_MS] as const;
  const whole = Math.floor(left / length);
  return `${PERIODS[budget.period]}, ${whole === 0 ? `less than ${unit === 'hour' ? 'an' : 'a'} ${unit}` : plural(whole, unit)} left`;
}

/** `About $1,130 ($1,020 to $1,260) by Dec 1 · used up on Nov 27`. */
export function outlookOf(budget: BudgetUse, now: number): string {
  const parts: string[] = [];
  const amount = (usd: Money | null, tokens: number | null) =>
    usd !== null ? formatUsd(usd) : tokens !== null ? formatCompact(tokens) : undefined;
  const expected = amount(budget.forecast_usd, budget.forecast_tokens);
  if (expected !== undefined) {
    const low = amount(budget.forecast_low_usd, budget.forecast_low_tokens);
    const high = amount(budget.forecast_high_usd, budget.forecast_high_tokens);
    parts.push(`About ${expected} (${low} to ${high}) by the end of ${budget.period === 'day' ? 'the day' : `the ${budget.period}`}`);
  }
  if (budget.exhausted_at !== null) {
    const at = Date.parse(budget.exhausted_at);
    const when = Math.abs(at - now) < 2 * DAY_MS ? formatDayHour(at) : formatDay(at);
    parts.push(at <= now ? `used up since ${when}` : `used up on ${when}`);
  }
  const carried = budget.carried_over_usd !== null ? Number(budget.carried_over_usd) : (budget.carried_over_tokens ?? 0);
  if (carried > 0) parts.push(`${amount(budget.carried_over_usd, budget.carried_over_tokens)} carried over`);
  return parts.join(' · ');
}

function Gauge({ budget }: { budget: BudgetUse }) {
  const level = levelOf(budget);
  const used = formatPercent(budget.utilization_percent);
  // Above 100 % the track is the spend, and the limit becomes a mark on it.
  const scale = Math.max(100, budget.utilization_percent);
  const marks = level === 'over' ? [100] : budget.thresholds_percent.filter((threshold) => threshold < 100);
  const spent = spentOf(budget, formatUsd, formatCompact);
  const outlook = outlookOf(budget, Date.now());
  return (
    <li class={`budget ${level}`}>
      <div class="budget-line">
        <span class="budget-name">
          {budget.name}
          <small>{[budget.tenant, ...scopeOf(budget)].join(' · ')}</small>
          {budget.hard && <span class="tag">hard cap</span>}
        </span>
        <span class="budget-percent">{used}</span>
      </div>
      <div
        class="gauge"
        role="meter"
        aria-label={`${budget.name} used`}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={Math.min(100, budget.utilization_percent)}
        aria-valuetext={`${used}, ${spent}`}
      >
        <span class="gauge-fill" style={{ width: `${(budget.utilization_percent / scale) * 100}%` }} />
        {marks.map((mark) => (
          <span key={mark} class="gauge-mark" title={`${mark}%`} style={{ left: `${(mark / scale) * 100}%` }} />
        ))}
      </div>
      <div class="budget-line quiet">
        <span title={spentOf(budget, formatUsdExact, formatCount)}>
          {spent} · {timeLeft(budget)}
        </span>
        <span class="status">{statusOf(budget)}</span>
      </div>
      {outlook && <div class="budget-line quiet">{outlook}</div>}
    </li>
  );
}
