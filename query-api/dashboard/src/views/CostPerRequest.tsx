/** View 5: what one call costs, over time: the figure that shows a longer prompt or a dearer model. */
import { useMemo } from 'preact/hooks';
import type { CostPerRequest as Row } from '../api/types';
import { divide, formatUsd, formatUsdAxis, formatUsdExact, sum, toNumber } from '../format/money';
import { plural } from '../format/text';
import type { Loaded } from '../state/dashboard';
import type { Range } from '../state/period';
import { Empty, Pending } from '../ui/Card';
import { ChartCard } from '../ui/ChartCard';
import type { ChartSpec } from '../ui/chartConfig';
import { byWindow, describeWindows } from './windows';

function describe(rows: Row[], range: Range): ChartSpec {
  const { times, labels, titles } = describeWindows(range);
  const found = byWindow(rows);
  const each = times.map((time) => found.get(time)?.cost_per_request_usd ?? null);
  return {
    labels,
    titles,
    series: [
      {
        label: 'Cost per request',
        kind: 'line',
        color: 'accent',
        values: each.map(toNumber),
        texts: each.map((cost, at) =>
          cost === null ? (found.has(times[at]!) ? 'no price' : '') : `${formatUsd(cost)}  ·  ${plural(found.get(times[at]!)!.requests, 'request')}`,
        ),
      },
    ],
    formatTick: formatUsdAxis,
  };
}

interface CostPerRequestProps {
  view: Loaded<Row[]> | undefined;
  error: string | undefined;
  note: string;
}

export function CostPerRequest({ view, error, note }: CostPerRequestProps) {
  const requests = view?.data.reduce((total, row) => total + row.requests, 0) ?? 0;
  const spec = useMemo(() => (view && requests > 0 ? describe(view.data, view.range) : undefined), [view]);
  const mean = view ? divide(sum(view.data.map(({ cost_usd }) => cost_usd)), requests) : null;
  return (
    <ChartCard
      id="view-cost-per-request"
      title="Cost per request"
      note={note}
      label={`Cost per request over time, ${note.toLowerCase()}: ${formatUsd(mean)} on average of ${plural(requests, 'request')}.`}
      windowName={view ? describeWindows(view.range).name : ''}
      spec={spec}
      busy={view?.outdated ?? false}
      className="fill"
      summary={
        spec && (
          <p class="figure">
            <strong title={formatUsdExact(mean)}>{formatUsd(mean)}</strong> {mean !== null && 'on average'}
          </p>
        )
      }
    >
      {!view && <Pending error={error} rows={6} />}
      {view && requests === 0 && <Empty>No calls in this period.</Empty>}
    </ChartCard>
  );
}
