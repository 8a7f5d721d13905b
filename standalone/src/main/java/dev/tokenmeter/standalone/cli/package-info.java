/**
 * Commands of an operator. Those about figures ask a running query API, any, not only the one of {@code ./tokenmeter run};
 * those about the log itself use Kafka and ClickHouse ({@link dev.tokenmeter.standalone.cli.Backends}).
 */
package dev.tokenmeter.standalone.cli;
