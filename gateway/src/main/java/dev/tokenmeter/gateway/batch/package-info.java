/**
 * Batches: who submitted which, told to all gateways by a compacted topic, and the reading of their output while it is
 * fetched. How providers write it belongs to {@code dialect}, making events of it to {@code proxy}.
 */
package dev.tokenmeter.gateway.batch;
