/**
 * What is out of the ordinary in a tenant's calls. Start reading at {@link dev.tokenmeter.aggregator.anomaly.Detector}: sums by
 * subject (the tenant, and each of its keys, teams, features, models) and time go in, anomalies come out. Each rule is a record
 * of its thresholds that judges figures and knows nothing of where they are kept. There is no Kafka in here, so that
 * {@code benchmarks/run anomalies} measures what is shipped. Everything is of one thread, and no amount is rounded but where
 * an average is shown.
 */
package dev.tokenmeter.aggregator.anomaly;
