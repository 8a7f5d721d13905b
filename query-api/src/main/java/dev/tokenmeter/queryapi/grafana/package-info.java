/**
 * What Grafana's JSON data sources ask for, under {@code /api/v1/grafana}: the same figures, tokens and tenants as elsewhere in the
 * API, in the shapes of
 * <a href="https://github.com/simPod/GrafanaJsonDatasource/blob/0.7.x/README.md">simpod-json-datasource</a> and of the older
 * <a href="https://github.com/grafana/simple-json-datasource">grafana-simple-json-datasource</a>.
 */
package dev.tokenmeter.queryapi.grafana;
