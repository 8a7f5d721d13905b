/**
 * What follows from usage events as they happen: rollups, budget statuses, anomalies. Start reading at
 * {@link dev.tokenmeter.aggregator.AggregatorTopology}, which wires one-job processors in the order in which data flows.
 * Nothing here does I/O but through Kafka Streams, and no amount is ever rounded.
 */
package dev.tokenmeter.aggregator;
