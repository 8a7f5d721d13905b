/** Anomalies in words: what a rule looked at, what it saw, and what explains it. */
import type { Anomaly, Contributor } from '../api/types';
import { changePercent, formatUsd, toNumber } from './money';
import { formatCount, formatWeekday } from './text';

const name = (dimension: string) => (dimension === 'api_key_id' ? 'key' : dimension.replace(/^tag\./, ''));

/** "acme", "acme, team growth". */
export function subjectOf({ tenant, dimensions }: Anomaly): string {
  const group = Object.entries(dimensions ?? {}).find(([dimension]) => dimension !== 'tenant');
  return group ? `${tenant}, ${name(group[0])} ${group[1]}` : tenant;
}

/** "$412.00, $133.00 expected (3.1×)". */
export function figuresOf({ rule, observed_usd, expected_usd, observed_tokens, expected_tokens, expected_requests }: Anomaly): string {
  if (rule === 'silent_source') return `silent, some ${formatCount(expected_requests ?? 0)} calls missed`;
  if (expected_tokens) {
    const seen = observed_tokens ?? 0;
    return `${formatCount(seen)} tokens in five minutes, ${formatCount(expected_tokens)} expected (${(seen / expected_tokens).toFixed(1)}×)`;
  }
  const change = changePercent(observed_usd, expected_usd);
  const times = change === null ? '' : ` (${(1 + change / 100).toFixed(1)}×)`;
  return `${formatUsd(observed_usd)}, ${formatUsd(expected_usd)} expected${times}`;
}

/** "gpt-4o by key batch-7 +$260.00, team growth +$250.00": the pair first, then the most of each dimension. */
export function causesOf({ contributors = [] }: Anomaly): string {
  const seen = new Set<string>();
  return [...contributors]
    .filter((part) => {
      const kind = Object.keys(part.dimensions).sort().join();
      return seen.has(kind) ? false : seen.add(kind);
    })
    .sort((a, b) => Object.keys(b.dimensions).length - Object.keys(a.dimensions).length || differenceOf(b) - differenceOf(a))
    .slice(0, 3)
    .map((part) => `${partName(part)} +${formatUsd(part.difference_usd)}`)
    .join(', ');
}

const differenceOf = ({ difference_usd }: Contributor) => toNumber(difference_usd) ?? 0;

function partName({ dimensions }: Contributor): string {
  if (dimensions.model && dimensions.api_key_id) return `${dimensions.model} by key ${dimensions.api_key_id}`;
  return Object.entries(dimensions)
    .map(([dimension, value]) => `${name(dimension)} ${value}`)
    .join(', ');
}

/** "$412.00, $133.00 expected (3.1×) on Monday, 23 November". */
export function lineOf(anomaly: Anomaly): string {
  return `${figuresOf(anomaly)} on ${formatWeekday(Date.parse(anomaly.window_start))}`;
}
