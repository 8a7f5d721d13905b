/** A ranking: a table whose rows carry a bar, so that it is looked at as a chart and read as a table. */
import { useState } from 'preact/hooks';
import { formatUsd, formatUsdExact, sum, type Money } from '../format/money';
import { formatCompact, formatCount, formatPercent, plural } from '../format/text';

export interface Bar {
  key: string;
  name: string;
  /** A quieter word after the name. */
  detail?: string;
  /** Calls without a value: the name is set in italics. */
  unnamed?: boolean;
  /** Null where no price is known. */
  cost: Money | null;
  requests: number;
  tokens: number;
  unpricedRequests: number;
  sharePercent: number | null;
}

interface BarsProps {
  caption: string;
  /** Heading of the first column. */
  subject: string;
  /** Sorted by cost, highest first, those without a price last. */
  bars: Bar[];
}

const SHOWN = 8;

export function Bars({ caption, subject, bars }: BarsProps) {
  const [all, setAll] = useState(false);
  const folded = !all && bars.length > SHOWN + 1;
  const shown = folded ? [...bars.slice(0, SHOWN), rest(bars.slice(SHOWN))] : bars;
  const widest = Math.max(...bars.map((bar) => bar.sharePercent ?? 0), 0.01);
  return (
    <>
      <table class="bars">
        <caption class="visually-hidden">{caption}</caption>
        <thead>
          <tr>
            <th scope="col">{subject}</th>
            <th scope="col" class="number requests">
              Requests
            </th>
            <th scope="col" class="number">
              Cost
            </th>
            <th scope="col" class="number">
              Share
            </th>
          </tr>
        </thead>
        <tbody>
          {shown.map((bar) => (
            <BarRow key={bar.key} bar={bar} widest={widest} />
          ))}
        </tbody>
      </table>
      {bars.length > SHOWN + 1 && (
        <button type="button" class="link" aria-expanded={all} onClick={() => setAll(!all)}>
          {all ? 'Show fewer' : `Show all ${formatCount(bars.length)}`}
        </button>
      )}
    </>
  );
}

function BarRow({ bar, widest }: { bar: Bar; widest: number }) {
  return (
    <tr>
      <th scope="row">
        <span class="bar-name">
          <span class={bar.unnamed ? 'unnamed' : ''} title={bar.name}>
            {bar.name}
          </span>
          {bar.detail && <small>{bar.detail}</small>}
        </span>
        <span class="bar-track" aria-hidden="true">
          {bar.sharePercent !== null && (
            <span class="bar-fill" style={{ width: `${Math.min(100, (bar.sharePercent / widest) * 100)}%` }} />
          )}
        </span>
      </th>
      <td class="number requests" title={formatCount(bar.requests)}>
        {formatCompact(bar.requests)}
      </td>
      <td class="number strong" title={formatUsdExact(bar.cost)}>
        {formatUsd(bar.cost)}
        <Unpriced bar={bar} />
      </td>
      <td class="number share">{bar.sharePercent === null ? '–' : formatPercent(bar.sharePercent)}</td>
    </tr>
  );
}

/** What the amount beside it does not tell. */
function Unpriced({ bar }: { bar: Bar }) {
  if (bar.cost === null) return <small class="unpriced">{plural(bar.tokens, 'token', 'tokens', formatCompact)}</small>;
  if (bar.unpricedRequests === 0) return null;
  return <small class="unpriced">+ {formatCompact(bar.unpricedRequests)} without a price</small>;
}

function rest(bars: Bar[]): Bar {
  return {
    key: ' rest',
    name: `${formatCount(bars.length)} others`,
    unnamed: true,
    cost: sum(bars.map((bar) => bar.cost)),
    requests: bars.reduce((total, bar) => total + bar.requests, 0),
    tokens: bars.reduce((total, bar) => total + bar.tokens, 0),
    unpricedRequests: bars.reduce((total, bar) => total + bar.unpricedRequests, 0),
    sharePercent: bars.every((bar) => bar.sharePercent === null)
      ? null
      : bars.reduce((total, bar) => total + (bar.sharePercent ?? 0), 0),
  };
}
