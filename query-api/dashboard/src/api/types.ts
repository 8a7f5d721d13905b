/** The answers of `/api/v1`, as sent. Amounts are decimal strings in USD (see format/money.ts), times ISO 8601 in UTC. */
import type { Money } from '../format/money';

export interface Answer<T> {
  data: T;
  meta?: Record<string, unknown>;
}

/** A cost that is null is not known of any of the calls: never zero. */
export interface MonthSpend {
  month: string;
  cost_usd: Money | null;
  requests: number;
  unpriced_requests: number;
  unpriced_tokens: number;
  previous_month_cost_usd: Money | null;
  previous_month_same_time_cost_usd: Money | null;
  as_of: string;
}

export interface Day {
  day: string;
  cost_usd: Money | null;
  requests: number;
  input_tokens: number;
  output_tokens: number;
  unpriced_requests: number;
  average_cost_usd: Money | null;
}

export interface ModelSpend {
  provider: string;
  model: string;
  cost_usd: Money | null;
  requests: number;
  input_tokens: number;
  output_tokens: number;
  unpriced_requests: number;
  share_percent: number | null;
}

/** `value` is empty for calls without the tag. */
export interface TagSpend {
  value: string;
  cost_usd: Money | null;
  requests: number;
  input_tokens: number;
  output_tokens: number;
  unpriced_requests: number;
  share_percent: number | null;
}

export interface CostPerRequest {
  window_start: string;
  cost_usd: Money | null;
  requests: number;
  cost_per_request_usd: Money | null;
  unpriced_requests: number;
}

export interface TokenBreakdown {
  totals: Array<{ kind: string; tokens: number; cost_usd: Money | null }>;
  series: Array<{ window_start: string; input_tokens: number; output_tokens: number }>;
}

export interface BudgetUse {
  budget_id: string;
  name: string;
  tenant: string;
  dimensions: Record<string, string>;
  period: 'day' | 'week' | 'month' | 'total';
  time_zone: string;
  spent_usd: Money;
  /** Null where the limit is in tokens. */
  limit_usd: Money | null;
  spent_tokens: number;
  /** Null where the limit is in dollars. */
  limit_tokens: number | null;
  utilization_percent: number;
  thresholds_percent: number[];
  period_start: string;
  period_end: string;
  hard: boolean;
  /** Amounts of the outlook are null in the unit that the budget does not have; forecasts also where it is too early to tell. */
  carried_over_usd: Money | null;
  carried_over_tokens: number | null;
  forecast_usd: Money | null;
  forecast_tokens: number | null;
  forecast_low_usd: Money | null;
  forecast_low_tokens: number | null;
  forecast_high_usd: Money | null;
  forecast_high_tokens: number | null;
  /** When the limit will be, or was, reached; null for not in this period. */
  exhausted_at: string | null;
}

export interface Alert {
  alert_id: string;
  kind: string;
  state: string;
  severity: string;
  tenant: string;
  summary: string;
  starts_at: string;
  updated_at: string;
  labels: Record<string, string>;
}

export interface Anomaly {
  anomaly_id: string;
  tenant: string;
  rule: string;
  /** What the rule looked at: the tenant, and for one of its groups that group's value. */
  dimensions?: Record<string, string>;
  window_start: string;
  observed_usd: Money;
  expected_usd: Money;
  detected_at: string;
  observed_tokens?: number | null;
  expected_tokens?: number | null;
  expected_requests?: number | null;
  /** The anomaly of which this is another side. */
  part_of?: string | null;
  contributors?: Contributor[];
}

export interface Contributor {
  dimensions: Record<string, string>;
  expected_usd: Money;
  observed_usd: Money;
  difference_usd: Money;
}

export interface Tenant {
  tenant: string;
  cost_usd: Money | null;
  requests: number;
}

/** Everything the page shows, by view. */
export interface Views {
  monthSpend: MonthSpend;
  dailyTrend: Day[];
  byModel: ModelSpend[];
  byTag: TagSpend[];
  costPerRequest: CostPerRequest[];
  tokenBreakdown: TokenBreakdown;
  budgets: BudgetUse[];
  alerts: Alert[];
  anomalies: Anomaly[];
  tenants: Tenant[];
}

export type ViewName = keyof Views;
