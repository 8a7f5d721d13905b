/**
 * What the aggregator's topology carries, per core and in state, beside a bare Kafka Streams topology that only counts. Each is
 * a process of its own; broker, registry and the writer of events are the benchmark's.
 */
package dev.tokenmeter.benchmarks.throughput;
