/** View 7: how much of each budget is used, with the marks at which somebody is told. */
import type { BudgetUse } from '../api/types';
import { formatUsd, formatUsdExact } from '../format/money';
import { formatPercent, plural } from '../format/text';
import type { Loaded } from '../state/dashboard';
import { DAY_MS } from '../state/period';
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
      {budgets?.length === 0 && <Empty>No budget is set. With one, an alert comes before the month is over.</Empty>}
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

function Gauge({ budget }: { budget: BudgetUse }) {
  const level = levelOf(budget);
  // Whole days, as alerts count them.
  const daysLeft = Math.max(0, Math.floor((Date.parse(budget.period_end) - Date.now()) / DAY_MS));
  const used = formatPercent(budget.utilization_percent);
  // Above 100 % the track is the spend, and the limit becomes a mark on it.
  const scale = Math.max(100, budget.utilization_percent);
  const marks = level === 'over' ? [100] : budget.thresholds_percent.filter((threshold) => threshold < 100);
  const spent = `${formatUsd(budget.spent_usd)} of ${formatUsd(budget.limit_usd)}`;
  return (
    <li class={`budget ${level}`}>
      <div class="budget-line">
        <span class="budget-name">
          {budget.name}
          <small>{budget.tenant}</small>
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
        <span title={`${formatUsdExact(budget.spent_usd)} of ${formatUsdExact(budget.limit_usd)}`}>
          {spent} · {daysLeft === 0 ? 'less than a day' : plural(daysLeft, 'day')} left
        </span>
        <span class="status">{statusOf(budget)}</span>
      </div>
    </li>
  );
}
