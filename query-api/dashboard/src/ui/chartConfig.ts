/** Turns the page's description of a chart into Chart.js's. Pure, so that an update is a new description. */
import type { ChartConfiguration, ChartDataset, TooltipItem } from 'chart.js';
import type { Palette, Role } from './palette';

export interface Series {
  label: string;
  kind: 'bar' | 'line' | 'marker';
  color: Role;
  /** Null leaves a gap. */
  values: Array<number | null>;
  /** What the tooltip and the table say for each value; rounded less than the geometry needs. */
  texts: string[];
  /** Other colours for single bars, by index. */
  highlights?: Map<number, Role>;
}

export interface ChartSpec {
  /** The axis' words, one for each window. */
  labels: string[];
  /** The tooltip's and the table's words, one for each window. */
  titles: string[];
  series: Series[];
  stacked?: boolean;
  formatTick: (value: number) => string;
}

function dataset(series: Series, palette: Palette): ChartDataset {
  const color = palette[series.color];
  const shared = { label: series.label, data: series.values };
  if (series.kind === 'bar') {
    const colors = series.values.map((_, at) => palette[series.highlights?.get(at) ?? series.color]);
    return { ...shared, type: 'bar', backgroundColor: colors, borderRadius: 3, maxBarThickness: 36, order: 2 };
  }
  if (series.kind === 'marker') {
    const mark = { pointStyle: 'triangle' as const, pointRotation: 180, pointRadius: 5, pointHoverRadius: 6 };
    return { ...shared, ...mark, type: 'line', showLine: false, backgroundColor: color, borderColor: color, order: 0 };
  }
  // A value between two gaps has no line to be on, so it gets a dot.
  const alone = series.values.map((value, at) =>
    value !== null && series.values[at - 1] == null && series.values[at + 1] == null ? 3 : 0,
  );
  const look = { borderColor: color, backgroundColor: color, borderWidth: 2, pointRadius: alone, pointHoverRadius: 4 };
  return { ...shared, ...look, type: 'line', borderJoinStyle: 'round', order: 1 };
}

function tooltip(spec: ChartSpec, palette: Palette, fontFamily: string) {
  return {
    backgroundColor: palette.raised,
    borderColor: palette.line,
    borderWidth: 1,
    titleFont: { family: fontFamily, size: 12, weight: 600 },
    bodyFont: { family: fontFamily, size: 12 },
    titleColor: palette.text,
    bodyColor: palette.text,
    padding: 10,
    cornerRadius: 8,
    boxWidth: 8,
    boxHeight: 8,
    boxPadding: 6,
    usePointStyle: true,
    filter: (item: TooltipItem<'bar' | 'line'>) => item.raw !== null,
    callbacks: {
      title: (items: Array<TooltipItem<'bar' | 'line'>>) => spec.titles[items[0]?.dataIndex ?? -1] ?? '',
      label: (item: TooltipItem<'bar' | 'line'>) => {
        const series = spec.series[item.datasetIndex];
        return series ? `${series.label}  ${series.texts[item.dataIndex] ?? ''}` : '';
      },
    },
  };
}

export function chartConfig(spec: ChartSpec, palette: Palette, fontFamily: string): ChartConfiguration {
  const ticks = { color: palette.muted, font: { size: 11, family: fontFamily } };
  const config: ChartConfiguration<'bar' | 'line'> = {
    type: 'bar',
    data: { labels: spec.labels, datasets: spec.series.map((series) => dataset(series, palette)) as never },
    options: {
      animation: false,
      responsive: true,
      maintainAspectRatio: false,
      interaction: { mode: 'index', intersect: false },
      layout: { padding: { top: 8 } },
      font: { family: fontFamily },
      plugins: { tooltip: tooltip(spec, palette, fontFamily) },
      scales: {
        x: {
          stacked: spec.stacked ?? false,
          grid: { display: false },
          border: { color: palette.line },
          ticks: { ...ticks, maxRotation: 0, autoSkip: true, autoSkipPadding: 20 },
        },
        y: {
          stacked: spec.stacked ?? false,
          beginAtZero: true,
          grid: { color: palette.grid, drawTicks: false },
          border: { display: false },
          ticks: { ...ticks, maxTicksLimit: 5, padding: 8, callback: (value) => spec.formatTick(Number(value)) },
        },
      },
    },
  };
  return config as ChartConfiguration;
}
