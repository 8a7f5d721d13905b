/** View 1: what this month has cost so far, against last month by the same time. */
import { useEffect } from 'preact/hooks';
import type { MonthSpend as Data } from '../api/types';
import { changePercent, divide, formatUsd, formatUsdExact, formatUsdParts, type Money } from '../format/money';
import { formatCompact, formatCount, formatMonth, formatPercent, plural } from '../format/text';
import type { Loaded } from '../state/dashboard';
import { Card, Pending } from '../ui/Card';
import { Warning } from '../ui/icons';

export function MonthSpend({ view, error }: { view: Loaded<Data> | undefined; error: string | undefined }) {
  return (
    <Card
      id="view-month-spend"
      title="Spend this month"
      {...(view && { note: formatMonth(view.data.month) })}
      busy={view?.outdated ?? false}
    >
      {view ? <Figures data={view.data} /> : <Pending error={error} rows={5} />}
    </Card>
  );
}

function Figures({ data }: { data: Data }) {
  const [whole, decimals] = formatUsdParts(data.cost_usd);
  useEffect(() => {
    document.title = `${formatUsd(data.cost_usd)} this month · Tokenmeter`;
  }, [data]);
  return (
    <>
      <p class="big-figure" id="month-spend" data-value={data.cost_usd ?? ''} title={formatUsdExact(data.cost_usd)}>
        {whole}
        <span class="decimals">{decimals}</span>
      </p>
      {data.cost_usd === null && (
        <p class="comparison">{plural(data.unpriced_tokens, 'token', 'tokens', formatCompact)}, and no price of any is known.</p>
      )}
      <Comparison now={data.cost_usd} before={data.previous_month_same_time_cost_usd} />
      <dl class="stats">
        <Stat name="Requests" value={formatCount(data.requests)} />
        <Stat name="Cost per request" value={data.requests > 0 ? formatUsd(divide(data.cost_usd, data.requests)) : '—'} />
        <Stat name="Last month in full" value={formatUsd(data.previous_month_cost_usd)} />
      </dl>
    </>
  );
}

function Comparison({ now, before }: { now: Money | null; before: Money | null }) {
  if (now === null) return null;
  if (before === null) return <p class="comparison">No price is known of last month’s calls by this time.</p>;
  const change = changePercent(now, before);
  if (change === null) return <p class="comparison">Nothing was spent last month by this time.</p>;
  const [arrow, word, tone] = change > 0 ? ['↑', 'more', 'up'] : change < 0 ? ['↓', 'less', 'down'] : ['→', '', 'same'];
  return (
    <p class="comparison">
      <span class={`change ${tone}`}>
        <span aria-hidden="true">{arrow} </span>
        {word ? `${formatPercent(Math.abs(change))} ${word}` : 'As much'}
      </span>
      <span>{change === 0 ? 'as' : 'than'} last month by this time ({formatUsd(before)})</span>
    </p>
  );
}

function Stat({ name, value }: { name: string; value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

/** Calls to models without a known price are counted but cost nothing in any figure: that must be said aloud. */
export function UnpricedBanner({ data }: { data: Data | undefined }) {
  if (!data || data.unpriced_requests === 0) return null;
  return (
    <p class="banner" role="note" id="unpriced-banner">
      <Warning />
      <span>
        <strong>{plural(data.unpriced_requests, 'request')} without a price.</strong>{' '}
        {plural(data.unpriced_tokens, 'token')} this month went to models whose price is not known. They are counted,
        but no amount on this page includes them until a price is set.
      </span>
    </p>
  );
}
