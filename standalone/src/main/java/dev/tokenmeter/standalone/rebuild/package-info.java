/**
 * {@code tokenmeter rebuild}: sums events of the past anew, from the log or from ClickHouse, and tells the aggregator; it knows
 * both, and so belongs to neither. How that goes together with events that are counted meanwhile:
 * {@link dev.tokenmeter.aggregator.rebuild}.
 */
package dev.tokenmeter.standalone.rebuild;
