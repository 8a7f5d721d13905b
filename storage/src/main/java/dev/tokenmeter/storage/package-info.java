/**
 * The service that keeps ClickHouse in step with the topics; its settings are read here and nowhere below. The work is
 * in {@link dev.tokenmeter.storage.migration}, {@link dev.tokenmeter.storage.sink} and
 * {@link dev.tokenmeter.storage.query}, over {@link dev.tokenmeter.storage.clickhouse}.
 */
package dev.tokenmeter.storage;
