/** What somebody was told about, and what broke a rule. */
import type { ComponentChildren } from 'preact';
import type { Alert, Anomaly } from '../api/types';
import { causesOf, lineOf, subjectOf } from '../format/anomaly';
import { formatAgo } from '../format/text';
import type { Loaded } from '../state/dashboard';
import { Card, Empty, Pending } from '../ui/Card';
import { Check, Warning } from '../ui/icons';

interface AlertsProps {
  alerts: Loaded<Alert[]> | undefined;
  anomalies: Loaded<Anomaly[]> | undefined;
  error: string | undefined;
}

export function Alerts({ alerts, anomalies, error }: AlertsProps) {
  const firing = alerts?.data.filter(({ state }) => state !== 'resolved').length ?? 0;
  return (
    <Card
      id="view-alerts"
      title="Alerts and anomalies"
      note={firing > 0 ? `${firing} firing` : 'None firing'}
      busy={alerts?.outdated ?? false}
    >
      {!alerts && <Pending error={error} rows={4} />}
      {alerts?.data.length === 0 && !anomalies?.data.length && <Empty>Nothing out of the ordinary.</Empty>}
      <div class="events" tabIndex={0} role="group" aria-label="Alerts and anomalies, newest first">
        {alerts && alerts.data.length > 0 && <List name="Alerts">{alerts.data.map(alertItem)}</List>}
        {anomalies && anomalies.data.length > 0 && <List name="Anomalies">{alone(anomalies.data).map(anomalyItem)}</List>}
      </div>
    </Card>
  );
}

function List({ name, children }: { name: string; children: ComponentChildren }) {
  return (
    <>
      <h3>{name}</h3>
      <ul>{children}</ul>
    </>
  );
}

function alertItem({ alert_id, state, severity, summary, tenant, starts_at, updated_at }: Alert) {
  const resolved = state === 'resolved';
  return (
    <li key={alert_id} class={`event ${resolved ? 'resolved' : severity}`}>
      {resolved ? <Check /> : <Warning />}
      <div>
        <p>{summary}</p>
        <p class="quiet">
          <span class="status">{resolved ? 'Resolved' : `Firing, ${severity}`}</span>
          {tenant && <> · {tenant}</>} ·{' '}
          <time dateTime={updated_at} title={`since ${starts_at}`}>
            {formatAgo(Date.parse(updated_at), Date.now())}
          </time>
        </p>
      </div>
    </li>
  );
}

/** Those of which people are told: what is part of another is shown there, among what explains it. */
function alone(anomalies: Anomaly[]): Anomaly[] {
  const ids = new Set(anomalies.map(({ anomaly_id }) => anomaly_id));
  return anomalies.filter(({ part_of }) => !part_of || !ids.has(part_of));
}

function anomalyItem(anomaly: Anomaly) {
  const causes = causesOf(anomaly);
  return (
    <li key={anomaly.anomaly_id} class="event anomaly">
      <span class="swatch marker fill-attention" />
      <div>
        <p>{lineOf(anomaly)}</p>
        {causes && <p>{causes}</p>}
        <p class="quiet">
          {subjectOf(anomaly)} · {anomaly.rule.replaceAll('_', ' ')}
        </p>
      </div>
    </li>
  );
}
