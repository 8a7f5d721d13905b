/**
 * Brings the tables up to date: numbered SQL files under {@code db/clickhouse}, applied once each, forward only. Own
 * code, as Flyway's ClickHouse plug-in takes no lock: two services starting at once would both apply.
 */
package dev.tokenmeter.storage.migration;
