/** View 3: where the money goes, by model. */
import type { ModelSpend } from '../api/types';
import type { Loaded } from '../state/dashboard';
import { Bars } from '../ui/Bars';
import { Card, Empty, Pending } from '../ui/Card';

interface ByModelProps {
  view: Loaded<ModelSpend[]> | undefined;
  error: string | undefined;
  note: string;
}

export function ByModel({ view, error, note }: ByModelProps) {
  const bars = view?.data.map(({ provider, model, cost_usd, requests, input_tokens, output_tokens, unpriced_requests, share_percent }) => ({
    key: `${provider}/${model}`,
    name: model,
    detail: provider,
    cost: cost_usd,
    requests,
    tokens: input_tokens + output_tokens,
    unpricedRequests: unpriced_requests,
    sharePercent: share_percent,
  }));
  return (
    <Card id="view-by-model" title="By model" note={note} busy={view?.outdated ?? false}>
      {!bars && <Pending error={error} rows={6} />}
      {bars?.length === 0 && <Empty>No calls in this period.</Empty>}
      {bars && bars.length > 0 && <Bars caption="Spend by model" subject="Model" bars={bars} />}
    </Card>
  );
}
