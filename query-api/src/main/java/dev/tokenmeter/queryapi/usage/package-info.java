/** The reading endpoints: usage, views, alerts, anomalies, tenants, ledger check. All blocking, on workers. */
package dev.tokenmeter.queryapi.usage;
