/**
 * Requests and tokens a minute of virtual keys, on this gateway. Token buckets by
 * <a href="https://bucket4j.com">Bucket4j</a>, lock-free; nothing here waits. Knows neither keys nor HTTP bodies.
 */
package dev.tokenmeter.gateway.limit;
