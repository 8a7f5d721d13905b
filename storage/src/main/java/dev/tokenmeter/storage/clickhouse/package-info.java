/** The way to ClickHouse: its settings and pooled connections by the official JDBC driver. Knows no table. */
package dev.tokenmeter.storage.clickhouse;
