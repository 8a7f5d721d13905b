/** What is shown, kept in the URL so that a view can be shared and the Back button works. */
import { useEffect, useState } from 'preact/hooks';
import { PERIODS, type PeriodId } from './period';

export interface Filters {
  period: PeriodId;
  /** Empty: all tenants. */
  tenant: string;
  /** The tag that the by-tag view groups by. */
  tag: string;
}

const DEFAULTS: Filters = { period: 'month', tenant: '', tag: 'feature' };

export function readFilters(search: string): Filters {
  const query = new URLSearchParams(search);
  const period = PERIODS.find(({ id }) => id === query.get('period'))?.id ?? DEFAULTS.period;
  return { period, tenant: query.get('tenant') ?? DEFAULTS.tenant, tag: query.get('tag') || DEFAULTS.tag };
}

/** Defaults are left out; parameters that belong to others are kept. */
export function writeFilters(filters: Filters, search: string): string {
  const query = new URLSearchParams(search);
  for (const key of ['period', 'tenant', 'tag'] as const) {
    if (filters[key] === DEFAULTS[key]) query.delete(key);
    else query.set(key, filters[key]);
  }
  const text = query.toString();
  return text ? `?${text}` : '';
}

export function useFilters(): [Filters, (change: Partial<Filters>) => void] {
  const [filters, setFilters] = useState(() => readFilters(location.search));
  useEffect(() => {
    const onBack = () => setFilters(readFilters(location.search));
    addEventListener('popstate', onBack);
    return () => removeEventListener('popstate', onBack);
  }, []);
  const change = (part: Partial<Filters>) => {
    const next = { ...filters, ...part };
    history.pushState(null, '', location.pathname + writeFilters(next, location.search));
    setFilters(next);
  };
  return [filters, change];
}
