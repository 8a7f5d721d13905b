/** View 4: where the money goes, by feature, team, or any other tag that callers send. */
import { useState } from 'preact/hooks';
import type { TagSpend } from '../api/types';
import type { Loaded } from '../state/dashboard';
import { Bars } from '../ui/Bars';
import { Card, Empty, Pending } from '../ui/Card';
import { Segmented } from '../ui/Segmented';

const USUAL = [
  { id: 'feature', label: 'Feature' },
  { id: 'team', label: 'Team' },
  { id: 'other', label: 'Other tag' },
] as const;

type Choice = (typeof USUAL)[number]['id'];

interface ByTagProps {
  view: Loaded<TagSpend[]> | undefined;
  error: string | undefined;
  note: string;
  tag: string;
  onTag: (tag: string) => void;
}

export function ByTag({ view, error, note, tag, onTag }: ByTagProps) {
  const usual = tag === 'feature' || tag === 'team';
  const [asking, setAsking] = useState(!usual);
  const choice: Choice = asking || !usual ? 'other' : (tag as Choice);
  const choose = (next: Choice) => {
    setAsking(next === 'other');
    if (next !== 'other') onTag(next);
  };
  const switcher = <Segmented name="tag" legend="Group by tag" options={USUAL} value={choice} onChange={choose} />;
  const bars = view?.data.map(({ value, cost_usd, requests, input_tokens, output_tokens, unpriced_requests, share_percent }) => ({
    key: `=${value}`,
    name: value || 'untagged',
    unnamed: value === '',
    cost: cost_usd,
    requests,
    tokens: input_tokens + output_tokens,
    unpricedRequests: unpriced_requests,
    sharePercent: share_percent,
  }));
  const title = usual ? `By ${tag}` : `By tag “${tag}”`;
  return (
    <Card id="view-by-tag" title={title} note={note} actions={switcher} busy={view?.outdated ?? false}>
      {choice === 'other' && <TagField tag={usual ? '' : tag} onTag={onTag} />}
      {!bars && <Pending error={error} rows={6} />}
      {bars?.length === 0 && <Empty>No calls in this period.</Empty>}
      {bars && bars.length > 0 && <Bars caption={`Spend ${title.toLowerCase()}`} subject="Value" bars={bars} />}
    </Card>
  );
}

function TagField({ tag, onTag }: { tag: string; onTag: (tag: string) => void }) {
  const commit = (event: Event) => {
    event.preventDefault();
    const value = new FormData(event.currentTarget as HTMLFormElement).get('tag');
    if (typeof value === 'string' && value.trim()) onTag(value.trim());
  };
  return (
    <form class="tag-form" onSubmit={commit}>
      <label for="tag-name">Tag</label>
      <input id="tag-name" name="tag" type="text" defaultValue={tag} placeholder="environment" autocomplete="off" />
      <button type="submit" class="button">
        Show
      </button>
    </form>
  );
}
