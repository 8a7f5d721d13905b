/**
 * What usage costs: effective-dated prices, and arithmetic that is exact to the last digit. Pure: no network, no clock;
 * files are read by whoever calls {@link dev.tokenmeter.pricing.PriceFile}.
 */
package dev.tokenmeter.pricing;
