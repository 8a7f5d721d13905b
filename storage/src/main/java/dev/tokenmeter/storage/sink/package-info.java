/**
 * Kafka to ClickHouse, exactly once in effect: insert, then commit offsets, and let {@code ReplacingMergeTree} drop what
 * a crash in between repeats. One {@link dev.tokenmeter.storage.sink.TableMapping} a record type; everything runs on
 * the one thread of {@link dev.tokenmeter.storage.sink.Sink}.
 */
package dev.tokenmeter.storage.sink;
