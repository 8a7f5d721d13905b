/** A view that is a chart: legend, and the same figures as a table at the press of a button. */
import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { Card, type CardProps } from './Card';
import { ChartCanvas } from './ChartCanvas';
import type { ChartSpec, Series } from './chartConfig';
import { ChartIcon, TableIcon } from './icons';

interface ChartCardProps extends Omit<CardProps, 'children' | 'actions'> {
  /** Undefined while there is nothing to draw; `children` then say why. */
  spec: ChartSpec | undefined;
  label: string;
  /** Heading of the table's first column. */
  windowName: string;
  /** Above the chart. */
  summary?: ComponentChildren;
  /** Below the chart. */
  children?: ComponentChildren;
}

export function ChartCard({ spec, label, windowName, summary, children, ...card }: ChartCardProps) {
  const [asTable, setAsTable] = useState(false);
  const toggle = spec && (
    <button
      type="button"
      class="icon-button"
      aria-pressed={asTable}
      aria-label={`${card.title} as a table`}
      title={asTable ? 'Show the chart' : 'Show the table'}
      onClick={() => setAsTable(!asTable)}
    >
      {asTable ? <ChartIcon /> : <TableIcon />}
    </button>
  );
  return (
    <Card {...card} actions={toggle}>
      {summary}
      {spec && !asTable && spec.series.length > 1 && <Legend series={spec.series} />}
      {spec && (asTable ? <SpecTable spec={spec} caption={label} windowName={windowName} /> : <ChartCanvas spec={spec} label={label} />)}
      {children}
    </Card>
  );
}

function Legend({ series }: { series: Series[] }) {
  return (
    <ul class="legend">
      {series.map(({ label, kind, color }) => (
        <li key={label}>
          <span class={`swatch ${kind} fill-${color}`} />
          {label}
        </li>
      ))}
    </ul>
  );
}

interface SpecTableProps {
  spec: ChartSpec;
  caption: string;
  windowName: string;
}

/** Newest first: that is what one looks for. */
function SpecTable({ spec, caption, windowName }: SpecTableProps) {
  const rows = spec.titles.map((title, at) => ({ title, at })).reverse();
  return (
    <div class="table-scroll" tabIndex={0} role="group" aria-label={caption}>
      <table>
        <caption class="visually-hidden">{caption}</caption>
        <thead>
          <tr>
            <th scope="col">{windowName}</th>
            {spec.series.map(({ label }) => (
              <th key={label} scope="col" class="number">
                {label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ title, at }) => (
            <tr key={title}>
              <th scope="row">{title}</th>
              {spec.series.map(({ label, texts }) => (
                <td key={label} class="number">
                  {texts[at] || '–'}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
