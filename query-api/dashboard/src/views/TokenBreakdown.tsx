/** View 6: tokens in against tokens out, and the parts that are priced differently. */
import { useMemo } from 'preact/hooks';
import type { TokenBreakdown as Data } from '../api/types';
import { formatUsd, formatUsdExact } from '../format/money';
import { formatCompact, formatCount, formatPercent } from '../format/text';
import type { Loaded } from '../state/dashboard';
import type { Range } from '../state/period';
import { Empty, Pending } from '../ui/Card';
import { ChartCard } from '../ui/ChartCard';
import type { ChartSpec } from '../ui/chartConfig';
import { byWindow, describeWindows } from './windows';

const KINDS: Record<string, [side: 'Input' | 'Output', name: string]> = {
  uncached_input_tokens: ['Input', 'Uncached'],
  cache_read_input_tokens: ['Input', 'Cache read'],
  cache_write_5m_input_tokens: ['Input', 'Cache write, 5 min'],
  cache_write_1h_input_tokens: ['Input', 'Cache write, 1 h'],
  audio_input_tokens: ['Input', 'Audio'],
  image_input_tokens: ['Input', 'Image'],
  text_output_tokens: ['Output', 'Text'],
  reasoning_output_tokens: ['Output', 'Reasoning'],
  audio_output_tokens: ['Output', 'Audio'],
  image_output_tokens: ['Output', 'Image'],
};

const ORDER = Object.keys(KINDS);
/** A kind that this page does not know yet is still shown. */
const kindOf = (kind: string) => KINDS[kind] ?? [kind.includes('output') ? 'Output' : 'Input', kind.replaceAll('_', ' ')];

function describe(data: Data, range: Range): ChartSpec {
  const { times, labels, titles } = describeWindows(range);
  const found = byWindow(data.series);
  const series = (label: string, color: 'accent' | 'second', key: 'input_tokens' | 'output_tokens') => {
    const values = times.map((time) => found.get(time)?.[key] ?? 0);
    return { label, kind: 'bar' as const, color, values, texts: values.map(formatCount) };
  };
  return {
    labels,
    titles,
    series: [series('Input', 'accent', 'input_tokens'), series('Output', 'second', 'output_tokens')],
    stacked: true,
    formatTick: formatCompact,
  };
}

interface TokenBreakdownProps {
  view: Loaded<Data> | undefined;
  error: string | undefined;
  note: string;
}

export function TokenBreakdown({ view, error, note }: TokenBreakdownProps) {
  const parts = view ? partsOf(view.data) : [];
  const spec = useMemo(() => (view && parts.length > 0 ? describe(view.data, view.range) : undefined), [view]);
  const tokens = (side: string) => parts.reduce((total, part) => total + (part.side === side ? part.tokens : 0), 0);
  const cached = parts.find(({ kind }) => kind === 'cache_read_input_tokens')?.tokens ?? 0;
  const label = `Tokens over time, ${note.toLowerCase()}: ${formatCount(tokens('Input'))} in, ${formatCount(tokens('Output'))} out.`;
  return (
    <ChartCard
      id="view-token-breakdown"
      title="Tokens"
      note={note}
      label={label}
      windowName={view ? describeWindows(view.range).name : ''}
      spec={spec}
      busy={view?.outdated ?? false}
      summary={
        spec && (
          <p class="figure">
            <strong title={formatCount(tokens('Input'))}>{formatCompact(tokens('Input'))}</strong> in{' '}
            <strong title={formatCount(tokens('Output'))}>{formatCompact(tokens('Output'))}</strong> out
            {cached > 0 && <> · {formatPercent((cached / tokens('Input')) * 100)} of input read from cache</>}
          </p>
        )
      }
    >
      {!view && <Pending error={error} rows={6} />}
      {view && parts.length === 0 && <Empty>No tokens in this period.</Empty>}
      {parts.length > 0 && <Parts parts={parts} />}
    </ChartCard>
  );
}

interface Part {
  kind: string;
  side: string;
  name: string;
  tokens: number;
  cost: string | null;
}

function partsOf({ totals }: Data): Part[] {
  const rank = (kind: string) => (ORDER.indexOf(kind) + ORDER.length + 1) % (ORDER.length + 1);
  return totals
    .filter(({ tokens }) => tokens > 0)
    .sort((a, b) => rank(a.kind) - rank(b.kind))
    .map(({ kind, tokens, cost_usd }) => ({ kind, side: kindOf(kind)[0]!, name: kindOf(kind)[1]!, tokens, cost: cost_usd }));
}

function Parts({ parts }: { parts: Part[] }) {
  return (
    <table class="parts">
      <caption class="visually-hidden">Tokens and cost by kind</caption>
      <thead>
        <tr>
          <th scope="col">Kind</th>
          <th scope="col" class="number">
            Tokens
          </th>
          <th scope="col" class="number">
            Cost
          </th>
        </tr>
      </thead>
      <tbody>
        {parts.map(({ kind, side, name, tokens, cost }) => (
          <tr key={kind}>
            <th scope="row">
              <span class={`swatch bar fill-${side === 'Input' ? 'accent' : 'second'}`} />
              <span class="side">{side}</span> {name}
            </th>
            <td class="number" title={formatCount(tokens)}>
              {formatCompact(tokens)}
            </td>
            <td class="number strong" title={formatUsdExact(cost)}>
              {formatUsd(cost)}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
