/**
 * The prices in a running service: what is shipped, what the operator's file says, and what {@code llm.prices.v1} says, as
 * one {@link dev.tokenmeter.pricing.LivePricer} that changes while it is in use. What prices mean is in {@code pricing}.
 */
package dev.tokenmeter.pricefeed;
