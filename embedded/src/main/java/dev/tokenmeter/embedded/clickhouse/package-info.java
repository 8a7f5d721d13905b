/**
 * The real ClickHouse engine on this machine, without a ClickHouse server: {@code libchdb}, loaded into a child JVM that
 * speaks ClickHouse's HTTP protocol. {@link dev.tokenmeter.embedded.clickhouse.ClickHouseProcess} is the way in; all
 * else that Tokenmeter knows of it is a JDBC URL, as of any ClickHouse server.
 *
 * <p>The engine has a process of its own because a native crash must not take the pipeline along, and because a test can
 * kill it as it would kill a server.
 */
package dev.tokenmeter.embedded.clickhouse;
