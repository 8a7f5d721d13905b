import { describe, expect, it } from 'vitest';
import type { Anomaly } from '../src/api/types';
import { causesOf, figuresOf, subjectOf } from '../src/format/anomaly';

const anomaly: Anomaly = {
  anomaly_id: 'a',
  tenant: 'acme',
  rule: 'day_over_average',
  dimensions: { tenant: 'acme', 'tag.team': 'growth' },
  window_start: '2026-11-23T00:00:00Z',
  observed_usd: '412',
  expected_usd: '133',
  detected_at: '2026-11-23T14:05:00Z',
};
const part = (dimensions: Record<string, string>, difference_usd: string) => ({
  dimensions,
  difference_usd,
  expected_usd: '1',
  observed_usd: '2',
});

describe('anomalies', () => {
  it('name the group that a rule looked at', () => {
    expect(subjectOf(anomaly)).toBe('acme, team growth');
    expect(subjectOf({ ...anomaly, dimensions: { tenant: 'acme' } })).toBe('acme');
    expect(subjectOf({ ...anomaly, dimensions: { tenant: 'acme', api_key_id: 'k1' } })).toBe('acme, key k1');
  });

  it('say figures in what their rule is about', () => {
    expect(figuresOf(anomaly)).toBe('$412.00, $133.00 expected (3.1×)');
    expect(figuresOf({ ...anomaly, rule: 'token_rate', observed_tokens: 1_200_000, expected_tokens: 100_000 })).toBe(
      '1,200,000 tokens in five minutes, 100,000 expected (12.0×)',
    );
    expect(figuresOf({ ...anomaly, rule: 'silent_source', expected_requests: 340 })).toBe('silent, some 340 calls missed');
  });

  it('name the pair of model and key first and the most of each dimension', () => {
    const contributors = [
      part({ model: 'gpt-4o' }, '270'),
      part({ model: 'o3' }, '20'),
      part({ 'tag.team': 'growth' }, '280'),
      part({ model: 'gpt-4o', api_key_id: 'batch-7' }, '260'),
    ];
    expect(causesOf({ ...anomaly, contributors })).toBe('gpt-4o by key batch-7 +$260.00, team growth +$280.00, model gpt-4o +$270.00');
    expect(causesOf(anomaly)).toBe('');
  });
});
