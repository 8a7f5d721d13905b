/**
 * Amounts of money as the API sends them: decimal strings in USD with up to 12 decimals. Sums and quotients are
 * taken on integers of 10⁻¹² USD ("picos"), and text is made from the string, so no amount passes through binary
 * floating point. Only chart geometry uses numbers (`toNumber`).
 */
const DECIMALS = 12;
const ONE_USD = 10n ** BigInt(DECIMALS);
const ONE_CENT = ONE_USD / 100n;
const SHAPE = /^(-?)(\d+)(?:\.(\d+))?$/;

export type Money = string;

export function toPicos(amount: Money): bigint {
  const match = SHAPE.exec(amount.trim());
  if (!match) throw new Error(`not a decimal amount: "${amount}"`);
  const fraction = (match[3] ?? '').padEnd(DECIMALS, '0').slice(0, DECIMALS);
  const picos = BigInt(match[2]!) * ONE_USD + BigInt(fraction);
  return match[1] ? -picos : picos;
}

export function fromPicos(picos: bigint): Money {
  const sign = picos < 0n ? '-' : '';
  const abs = picos < 0n ? -picos : picos;
  const fraction = (abs % ONE_USD).toString().padStart(DECIMALS, '0').replace(/0+$/, '');
  return `${sign}${abs / ONE_USD}${fraction ? `.${fraction}` : ''}`;
}

/** Of the known amounts; null where some are not known (null) and the known ones come to nothing. */
export function sum(amounts: ReadonlyArray<Money | null>): Money | null {
  const total = amounts.reduce((picos, amount) => picos + (amount === null ? 0n : toPicos(amount)), 0n);
  return total === 0n && amounts.includes(null) ? null : fromPicos(total);
}

/** Cut, not rounded, at the twelfth decimal; null where there is nothing to divide, or to divide by. */
export function divide(amount: Money | null, by: number): Money | null {
  return amount !== null && by > 0 ? fromPicos(toPicos(amount) / BigInt(Math.trunc(by))) : null;
}

export function isZero(amount: Money): boolean {
  return toPicos(amount) === 0n;
}

export function toNumber(amount: Money | null): number | null {
  return amount === null ? null : Number(amount);
}

/** How much `now` is above (positive) or below `before`, in percent; null when there is nothing to compare with. */
export function changePercent(now: Money | null, before: Money | null): number | null {
  if (now === null || before === null || isZero(before)) return null;
  return (Number(now) / Number(before) - 1) * 100;
}

const usd = (options: Intl.NumberFormatOptions) =>
  new Intl.NumberFormat('en-US', { style: 'currency', currency: 'USD', ...options });

const WHOLE = usd({ minimumFractionDigits: 2, maximumFractionDigits: 2 });
const CENTS = usd({ minimumFractionDigits: 2, maximumFractionDigits: 4 });
const TINY = usd({ minimumSignificantDigits: 1, maximumSignificantDigits: 3 });
const EXACT = usd({ minimumFractionDigits: 2, maximumFractionDigits: DECIMALS });
const AXIS = usd({ maximumSignificantDigits: 3, notation: 'compact' });

// Engines take decimal strings and keep every digit; TypeScript's type for them is narrower than `string`.
const exactly = (amount: Money) => fromPicos(toPicos(amount)) as unknown as number;

function formatFor(amount: Money): Intl.NumberFormat {
  const picos = toPicos(amount);
  const abs = picos < 0n ? -picos : picos;
  if (abs === 0n || abs >= ONE_USD) return WHOLE;
  return abs >= ONE_CENT ? CENTS : TINY;
}

/** `$1,284.57`, `$0.0345`, `$0.00045`; `no price` where none is known. */
export function formatUsd(amount: Money | null): string {
  return amount === null ? 'no price' : formatFor(amount).format(exactly(amount));
}

/** As `formatUsd`, split where the decimals begin, for a figure with quieter cents. */
export function formatUsdParts(amount: Money | null): [whole: string, decimals: string] {
  const text = formatUsd(amount);
  const at = text.lastIndexOf('.');
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at)];
}

/** Every digit, for a tooltip behind a rounded figure. */
export function formatUsdExact(amount: Money | null): string {
  return amount === null ? 'no price known' : EXACT.format(exactly(amount));
}

/** For chart axes only, where the value is a tick's position and not an amount. */
export function formatUsdAxis(value: number): string {
  return value === 0 ? '$0' : AXIS.format(value);
}
