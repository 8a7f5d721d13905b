import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { readFilters, writeFilters } from '../src/state/filters';
import { rangeOf, windowsOf } from '../src/state/period';
import { Poller } from '../src/state/poller';

const iso = (time: number) => new Date(time).toISOString();

describe('filters in the address', () => {
  it('come back as they were written, beside what belongs to others', () => {
    const filters = { period: '7d', tenant: 'a&b=c', tag: 'team' } as const;
    const search = writeFilters(filters, '?debug=1');
    expect(readFilters(search)).toEqual(filters);
    expect(search).toContain('debug=1');
  });

  it('are left out while they are the usual ones, and unknown periods fall back', () => {
    expect(writeFilters({ period: 'month', tenant: '', tag: 'feature' }, '')).toBe('');
    expect(readFilters('?period=century').period).toBe('month');
  });
});

describe('periods', () => {
  const now = Date.parse('2026-01-15T13:45:10Z');

  it('reach back over the year', () => {
    const { from, to } = rangeOf('last-month', now);
    expect([iso(from), iso(to)]).toEqual(['2025-12-01T00:00:00.000Z', '2026-01-01T00:00:00.000Z']);
  });

  it('have as many windows as they promise, the running one last', () => {
    const day = windowsOf(rangeOf('24h', now));
    expect([day.length, iso(day.at(-1)!)]).toEqual([24, '2026-01-15T13:00:00.000Z']);
    const month = windowsOf(rangeOf('30d', now));
    expect([month.length, iso(month.at(-1)!)]).toEqual([30, '2026-01-15T00:00:00.000Z']);
  });
});

describe('polling', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('goes on every five seconds, slows down while it fails, and recovers at once', async () => {
    let healthy = true;
    const load = vi.fn(async () => healthy);
    const waits: number[] = [];
    const poller = new Poller(load, () => false, (delay) => waits.push(delay));
    poller.restart();
    await vi.advanceTimersByTimeAsync(5_000);
    healthy = false;
    await vi.advanceTimersByTimeAsync(5_000 + 10_000 + 20_000 + 40_000 + 60_000);
    healthy = true;
    await vi.advanceTimersByTimeAsync(60_000);
    poller.stop();
    expect(waits.map((wait) => wait / 1000)).toEqual([5, 5, 10, 20, 40, 60, 60, 5]);
  });

  it('rests while the page is hidden and asks at once when it is shown', async () => {
    let hidden = false;
    const load = vi.fn(async () => true);
    const poller = new Poller(load, () => hidden);
    poller.restart();
    await vi.advanceTimersByTimeAsync(0);
    hidden = true;
    poller.restart();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(load).toHaveBeenCalledTimes(1);
    hidden = false;
    poller.restart();
    expect(load).toHaveBeenCalledTimes(2);
    poller.stop();
  });

  it('gives up what is under way when it starts over', () => {
    const signals: AbortSignal[] = [];
    const poller = new Poller((signal) => (signals.push(signal), new Promise(() => {})), () => false);
    poller.restart();
    poller.restart();
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, false]);
    poller.stop();
  });
});
