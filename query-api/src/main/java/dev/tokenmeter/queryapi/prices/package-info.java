/**
 * Prices through the API: what is known, what holds for a call, what operators set, and what a polled list would change.
 * What prices mean is in {@code pricing}, how they are followed and polled in {@code price-feed}.
 */
package dev.tokenmeter.queryapi.prices;
