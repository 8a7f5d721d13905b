/** The page's data: polled, kept while newer data is on its way, replaced only where an answer has changed. */
import { useEffect, useRef, useState } from 'preact/hooks';
import { fetchText, parse, queriesOf } from '../api/client';
import type { ViewName, Views } from '../api/types';
import type { Filters } from './filters';
import { Poller } from './poller';
import type { Range } from './period';

export interface Loaded<T> {
  data: T;
  /** The window that was asked for. */
  range: Range;
  /** Answers an older choice of filters; the answer to the present one is awaited. */
  outdated: boolean;
}

export type LoadedViews = { [V in ViewName]?: Loaded<Views[V]> };

export interface Live {
  /** Epoch ms of the last complete load; undefined before the first. */
  updatedAt?: number;
  /** Why the latest load failed; undefined after a success. */
  error?: string;
  retryInMs?: number;
}

export interface Dashboard {
  views: LoadedViews;
  errors: Partial<Record<ViewName, string>>;
  live: Live;
  /** The gateway's base URL, where the API tells it. */
  gateway: unknown;
  retry: () => void;
}

type Setter<T> = (update: (before: T) => T) => void;

interface Sinks {
  setViews: Setter<LoadedViews>;
  setErrors: Setter<Dashboard['errors']>;
  setLive: Setter<Live>;
  setGateway: (url: unknown) => void;
  /** What each view shows now. */
  shown: Map<ViewName, { url: string; text: string }>;
}

const message = (error: unknown) =>
  error instanceof TypeError ? 'Tokenmeter cannot be reached' : error instanceof Error ? error.message : String(error);

async function loadAll(filters: Filters, signal: AbortSignal, sinks: Sinks): Promise<boolean> {
  const queries = Object.entries(queriesOf(filters, Date.now())) as Array<
    [ViewName, { url: string; range: Range }]
  >;
  const failures = await Promise.all(
    queries.map(async ([name, { url, range }]) => {
      try {
        const text = await fetchText(url, signal);
        if (signal.aborted) return undefined;
        sinks.setErrors((before) => (before[name] ? { ...before, [name]: undefined } : before));
        const shown = sinks.shown.get(name);
        if (shown?.url === url && shown.text === text) return undefined;
        const { data, meta } = parse<Views[typeof name]>(text);
        sinks.shown.set(name, { url, text });
        sinks.setViews((before) => ({ ...before, [name]: { data, range, outdated: false } }));
        if (name === 'monthSpend') sinks.setGateway(meta?.gateway_url);
        return undefined;
      } catch (error) {
        if (!signal.aborted) sinks.setErrors((before) => ({ ...before, [name]: message(error) }));
        return message(error);
      }
    }),
  );
  if (signal.aborted) return false;
  const error = failures.find((failure) => failure !== undefined);
  sinks.setLive((before) => (error ? { ...before, error } : { updatedAt: Date.now() }));
  return error === undefined;
}

/** Marks the views that answer an older choice of filters. */
function markOutdated(filters: Filters, sinks: Sinks): void {
  const queries = queriesOf(filters, Date.now());
  sinks.setViews((before) => {
    const entries = Object.entries(before).map(([name, view]) => {
      const outdated = sinks.shown.get(name as ViewName)?.url !== queries[name as ViewName].url;
      return [name, { ...view, outdated }];
    });
    return Object.fromEntries(entries) as LoadedViews;
  });
}

export function useDashboard(filters: Filters): Dashboard {
  const [views, setViews] = useState<LoadedViews>({});
  const [errors, setErrors] = useState<Dashboard['errors']>({});
  const [live, setLive] = useState<Live>({});
  const [gateway, setGateway] = useState<unknown>();
  const shown = useRef<Sinks['shown']>(new Map());
  const poller = useRef<Poller | undefined>(undefined);
  useEffect(() => {
    const sinks: Sinks = { setViews, setErrors, setLive, setGateway, shown: shown.current };
    markOutdated(filters, sinks);
    const current = new Poller(
      (signal) => loadAll(filters, signal, sinks),
      () => document.hidden,
      (retryInMs) => setLive((before) => ({ ...before, retryInMs })),
    );
    poller.current = current;
    const onVisibility = () => current.restart();
    document.addEventListener('visibilitychange', onVisibility);
    current.restart();
    return () => {
      document.removeEventListener('visibilitychange', onVisibility);
      current.stop();
    };
  }, [filters]);
  return { views, errors, live, gateway, retry: () => poller.current?.restart() };
}
