import { describe, expect, it } from 'vitest';
import type { BudgetUse } from '../src/api/types';
import { outlookOf } from '../src/views/Budgets';

const NOW = Date.parse('2026-11-18T12:00:00Z');

const budget = (more: Partial<BudgetUse>): BudgetUse => ({
  budget_id: 'b1', name: 'Production', tenant: 'acme', dimensions: {}, period: 'month', time_zone: 'UTC',
  spent_usd: '300', limit_usd: '420', spent_tokens: 0, limit_tokens: null, utilization_percent: 71,
  thresholds_percent: [80], period_start: '2026-11-01T00:00:00Z', period_end: '2026-12-01T00:00:00Z', hard: false,
  carried_over_usd: '0', carried_over_tokens: null, forecast_usd: null, forecast_tokens: null, forecast_low_usd: null,
  forecast_low_tokens: null, forecast_high_usd: null, forecast_high_tokens: null, exhausted_at: null, ...more,
});

describe('the outlook of a budget', () => {
  it('says nothing while it is too early to tell', () => {
    expect(outlookOf(budget({}), NOW)).toBe('');
  });

  it('says what will be spent, between which amounts, and when the budget is used up', () => {
    expect(outlookOf(budget({
      forecast_usd: '504', forecast_low_usd: '490', forecast_high_usd: '520', exhausted_at: '2026-11-25T12:00:00Z',
    }), NOW)).toBe('About $504.00 ($490.00 to $520.00) by the end of the month · used up on Nov 25');
  });

  it('says since when it is used up, and what was carried over', () => {
    expect(outlookOf(budget({ exhausted_at: '2026-11-18T09:30:00Z', carried_over_usd: '20' }), NOW))
      .toBe('used up since Nov 18, 09:30 · $20.00 carried over');
  });

  it('tells tokens for a budget in tokens', () => {
    expect(outlookOf(budget({
      limit_usd: null, limit_tokens: 1000000, carried_over_usd: null, carried_over_tokens: 0, period: 'day',
      forecast_tokens: 1200000, forecast_low_tokens: 1000000, forecast_high_tokens: 1500000,
    }), NOW)).toBe('About 1.2M (1M to 1.5M) by the end of the day');
  });
});
