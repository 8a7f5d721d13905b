/**
 * The service that keeps ClickHouse in step with the topics, and the connection to ClickHouse that
 * {@link dev.tokenmeter.storage.migration}, {@link dev.tokenmeter.storage.sink} and
 * {@link dev.tokenmeter.storage.query} share. Settings are read here and nowhere below.
 */
package dev.tokenmeter.storage;
