import { useDashboard, type Dashboard } from './state/dashboard';
import { useFilters, type Filters } from './state/filters';
import { periodLabel } from './state/period';
import { ThemeContext, useTheme } from './state/theme';
import { Boundary } from './ui/Boundary';
import { Warning } from './ui/icons';
import { Alerts } from './views/Alerts';
import { Budgets } from './views/Budgets';
import { ByModel } from './views/ByModel';
import { ByTag } from './views/ByTag';
import { CostPerRequest } from './views/CostPerRequest';
import { DailyTrend } from './views/DailyTrend';
import { Header } from './views/Header';
import { MonthSpend, UnpricedBanner } from './views/MonthSpend';
import { TokenBreakdown } from './views/TokenBreakdown';
import { Welcome } from './views/Welcome';

export function App() {
  const [filters, changeFilters] = useFilters();
  const [theme, toggleTheme] = useTheme();
  const dashboard = useDashboard(filters);
  const spend = dashboard.views.monthSpend?.data;
  return (
    <ThemeContext.Provider value={theme}>
      <Header
        filters={filters}
        onFilters={changeFilters}
        tenants={dashboard.views.tenants?.data ?? []}
        live={dashboard.live}
        theme={theme}
        onTheme={toggleTheme}
      />
      <main>
        <Problem dashboard={dashboard} />
        <UnpricedBanner data={spend} />
        <Body dashboard={dashboard} filters={filters} onFilters={changeFilters} />
      </main>
      <footer>All times in UTC. Amounts in US dollars.</footer>
    </ThemeContext.Provider>
  );
}

/** The figures stay when an answer fails; this says that they are old, and when the next try is. */
function Problem({ dashboard: { live, retry } }: { dashboard: Dashboard }) {
  return (
    <div role="status" aria-live="polite">
      {live.error && (
        <p class="banner failing" id="problem">
          <Warning />
          <span>
            <strong>{live.error.replace(/\.$/, '')}.</strong> The figures below are the last that arrived.
            {live.retryInMs !== undefined && <> Next try within {Math.round(live.retryInMs / 1000)} s.</>}
          </span>
          <button type="button" class="button" onClick={retry}>
            Try now
          </button>
        </p>
      )}
    </div>
  );
}

interface BodyProps {
  dashboard: Dashboard;
  filters: Filters;
  onFilters: (change: Partial<Filters>) => void;
}

function Body({ dashboard: { views, errors, gateway }, filters, onFilters }: BodyProps) {
  const note = periodLabel(filters.period);
  const month = (
    <Boundary id="view-month-spend" title="Spend this month">
      <MonthSpend view={views.monthSpend} error={errors.monthSpend} />
    </Boundary>
  );
  const budgets = (
    <Boundary id="view-budgets" title="Budgets">
      <Budgets view={views.budgets} error={errors.budgets} />
    </Boundary>
  );
  const alerts = (
    <Boundary id="view-alerts" title="Alerts and anomalies">
      <Alerts alerts={views.alerts} anomalies={views.anomalies} error={errors.alerts} />
    </Boundary>
  );
  if (isWaiting(views, filters)) {
    return (
      <div class="grid">
        {month}
        <Welcome gateway={gateway} />
        {views.budgets && views.budgets.data.length > 0 && budgets}
        {views.alerts && views.alerts.data.length > 0 && alerts}
      </div>
    );
  }
  return (
    <div class="grid">
      {month}
      <Boundary id="view-daily-trend" title="Daily spend">
        <DailyTrend view={views.dailyTrend} anomalies={views.anomalies?.data} error={errors.dailyTrend} />
      </Boundary>
      {budgets}
      {alerts}
      <Boundary id="view-cost-per-request" title="Cost per request">
        <CostPerRequest view={views.costPerRequest} error={errors.costPerRequest} note={note} />
      </Boundary>
      <Boundary id="view-by-model" title="By model">
        <ByModel view={views.byModel} error={errors.byModel} note={note} />
      </Boundary>
      <Boundary id="view-by-tag" title="By tag">
        <ByTag
          view={views.byTag}
          error={errors.byTag}
          note={note}
          tag={filters.tag}
          onTag={(tag) => onFilters({ tag })}
        />
      </Boundary>
      <Boundary id="view-token-breakdown" title="Tokens">
        <TokenBreakdown view={views.tokenBreakdown} error={errors.tokenBreakdown} note={note} />
      </Boundary>
    </div>
  );
}

/** No call has ever arrived, as far as the answers reach; a tenant without calls is not a new house. */
function isWaiting(views: Dashboard['views'], { tenant }: Filters): boolean {
  const { monthSpend, dailyTrend, tenants } = views;
  if (tenant || !monthSpend || !dailyTrend || !tenants) return false;
  const calls = dailyTrend.data.reduce((total, day) => total + day.requests, monthSpend.data.requests);
  return calls === 0 && tenants.data.length === 0;
}
