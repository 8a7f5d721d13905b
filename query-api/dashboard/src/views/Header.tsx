/** What is shown, whether it is live, and in which light. */
import { useEffect, useState } from 'preact/hooks';
import type { Tenant } from '../api/types';
import { formatAgo } from '../format/text';
import type { Live } from '../state/dashboard';
import type { Filters } from '../state/filters';
import { PERIODS } from '../state/period';
import type { Theme } from '../state/theme';
import { Logo, Moon, Sun } from '../ui/icons';
import { Segmented } from '../ui/Segmented';

const STALE_MS = 20_000;

interface HeaderProps {
  filters: Filters;
  onFilters: (change: Partial<Filters>) => void;
  tenants: Tenant[];
  live: Live;
  theme: Theme;
  onTheme: () => void;
}

export function Header({ filters, onFilters, tenants, live, theme, onTheme }: HeaderProps) {
  return (
    <header class="top">
      <div class="top-inner">
        <h1 class="brand">
          <Logo />
          Tokenmeter
        </h1>
        <div class="controls" role="group" aria-label="What is shown">
          <TenantPicker tenant={filters.tenant} tenants={tenants} onTenant={(tenant) => onFilters({ tenant })} />
          <Segmented
            name="period"
            legend="Period"
            options={PERIODS}
            value={filters.period}
            onChange={(period) => onFilters({ period })}
          />
        </div>
        <LiveState live={live} />
        <button
          type="button"
          class="icon-button"
          onClick={onTheme}
          aria-label={theme === 'dark' ? 'Use light colours' : 'Use dark colours'}
        >
          {theme === 'dark' ? <Sun /> : <Moon />}
        </button>
      </div>
    </header>
  );
}

interface TenantPickerProps {
  tenant: string;
  tenants: Tenant[];
  onTenant: (tenant: string) => void;
}

function TenantPicker({ tenant, tenants, onTenant }: TenantPickerProps) {
  const names = tenants.map((known) => known.tenant);
  // A tenant from a shared link is offered even before, or without, its first call.
  const offered = tenant && !names.includes(tenant) ? [tenant, ...names] : names;
  return (
    <select aria-label="Tenant" value={tenant} onChange={(event) => onTenant(event.currentTarget.value)}>
      <option value="">All tenants</option>
      {offered.map((name) => (
        <option key={name} value={name}>
          {name}
        </option>
      ))}
    </select>
  );
}

function LiveState({ live }: { live: Live }) {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, []);
  const age = live.updatedAt === undefined ? undefined : Math.max(0, now - live.updatedAt);
  const state = live.error ? 'failing' : age === undefined ? 'loading' : age > STALE_MS ? 'stale' : 'fresh';
  const ago = live.updatedAt === undefined ? '' : formatAgo(live.updatedAt, Math.max(now, live.updatedAt));
  const words = {
    failing: ago ? `Not live · ${ago}` : 'Not live',
    loading: 'Loading',
    stale: `Stale, updated ${ago}`,
    fresh: `Updated ${ago}`,
  }[state];
  return (
    <p class={`live ${state}`} id="live-state" data-state={state}>
      <span class="dot" aria-hidden="true" />
      <span>{words}</span>
    </p>
  );
}
