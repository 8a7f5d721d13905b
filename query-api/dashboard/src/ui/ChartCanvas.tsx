/** The one place that talks to Chart.js: made once, then updated in place, so that polling never flickers. */
import {
  BarController,
  BarElement,
  CategoryScale,
  Chart,
  LinearScale,
  LineController,
  LineElement,
  PointElement,
  Tooltip,
} from 'chart.js';
import { useContext, useEffect, useRef } from 'preact/hooks';
import { ThemeContext } from '../state/theme';
import { chartConfig, type ChartSpec } from './chartConfig';
import { readPalette } from './palette';

Chart.register(
  BarController,
  BarElement,
  CategoryScale,
  LinearScale,
  LineController,
  LineElement,
  PointElement,
  Tooltip,
);

interface ChartCanvasProps {
  spec: ChartSpec;
  /** What the chart shows, in a sentence with its main figures. */
  label: string;
}

export function ChartCanvas({ spec, label }: ChartCanvasProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const chart = useRef<Chart | undefined>(undefined);
  const theme = useContext(ThemeContext);

  useEffect(() => {
    const config = chartConfig(spec, readPalette(), getComputedStyle(document.body).fontFamily);
    const shown = chart.current;
    if (!shown) {
      chart.current = new Chart(canvas.current!, config);
      return;
    }
    shown.data.labels = config.data.labels ?? [];
    config.data.datasets.forEach((dataset, at) => {
      const before = shown.data.datasets[at];
      if (before) Object.assign(before, dataset);
      else shown.data.datasets[at] = dataset;
    });
    shown.data.datasets.length = config.data.datasets.length;
    shown.options = config.options ?? {};
    shown.update('none');
  }, [spec, theme]);

  useEffect(() => {
    // A canvas does not redraw itself when its font arrives.
    void document.fonts.load('11px Inter').then(() => chart.current?.update('none'));
    return () => {
      chart.current?.destroy();
      chart.current = undefined;
    };
  }, []);

  return (
    <div class="chart">
      <canvas ref={canvas} role="img" aria-label={label} />
    </div>
  );
}
