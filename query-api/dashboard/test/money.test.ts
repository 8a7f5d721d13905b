import { describe, expect, it } from 'vitest';
import {
  changePercent,
  divide,
  formatUsd,
  formatUsdAxis,
  formatUsdExact,
  formatUsdParts,
  sum,
} from '../src/format/money';

describe('amounts of money', () => {
  it.each([
    ['0', '$0.00'],
    ['0.000000000000', '$0.00'],
    ['0.00045', '$0.00045'],
    ['0.000450000000', '$0.00045'],
    ['0.000000000001', '$0.000000000001'],
    ['0.000456789', '$0.000457'],
    ['0.0345', '$0.0345'],
    ['0.01', '$0.01'],
    ['0.5', '$0.50'],
    ['1.005', '$1.01'],
    ['1284.567', '$1,284.57'],
    ['-12.5', '-$12.50'],
    ['-0.00045', '-$0.00045'],
  ])('shows %s as %s', (amount, shown) => expect(formatUsd(amount)).toBe(shown));

  it('rounds the decimal that was sent, where a double would round its own', () => {
    // As doubles, 8.575 is 8.5749999999999992… and the long one loses its cents.
    expect(formatUsd('8.575')).toBe('$8.58');
    expect(formatUsd('90071992547409931.25')).toBe('$90,071,992,547,409,931.25');
  });

  it('shows every digit where the exact amount is asked for', () => {
    expect(formatUsdExact('1483.903931261')).toBe('$1,483.903931261');
    expect(formatUsdExact('2')).toBe('$2.00');
  });

  it('never shows an unknown price as nothing', () => {
    expect(formatUsd(null)).toBe('no price');
    expect(formatUsdParts(null)).toEqual(['no price', '']);
    expect(formatUsdExact(null)).toBe('no price known');
  });

  it('splits a figure so that the parts together are the figure', () => {
    expect(formatUsdParts('1284.5')).toEqual(['$1,284', '.50']);
    expect(formatUsdParts('0.00045')).toEqual(['$0', '.00045']);
  });

  it('adds and divides without binary fractions', () => {
    expect(sum(['0.1', '0.2', null])).toBe('0.3');
    expect(sum(['-0.3', '0.1'])).toBe('-0.2');
    expect(divide('1', 3)).toBe('0.333333333333');
    expect(divide('1', 0)).toBeNull();
    expect(divide(null, 3)).toBeNull();
  });

  it('adds up to nothing known where nothing is known', () => {
    expect(sum([])).toBe('0');
    expect(sum(['0', '0'])).toBe('0');
    expect(sum(['0', null])).toBeNull();
    expect(sum(['0.1', null])).toBe('0.1');
    expect(changePercent(null, '100')).toBeNull();
  });

  it('compares with nothing only where there is something', () => {
    expect(changePercent('150', '100')).toBeCloseTo(50);
    expect(changePercent('150', '0')).toBeNull();
    expect(changePercent('150', null)).toBeNull();
  });

  it('labels axes of cents and of thousands', () => {
    expect([0, 0.00005, 0.25, 50, 1500].map(formatUsdAxis)).toEqual(['$0', '$0.00005', '$0.25', '$50', '$1.5K']);
  });

  it('names what it cannot read', () => {
    expect(() => formatUsd('1e-7')).toThrow('not a decimal amount: "1e-7"');
  });
});
