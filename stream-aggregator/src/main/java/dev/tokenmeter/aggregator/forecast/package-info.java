/**
 * What a budget will have spent by the end of its period, judged by its own past: pure arithmetic on hours, no I/O and no
 * clock. {@link dev.tokenmeter.aggregator.forecast.SpendHistory} holds the past,
 * {@link dev.tokenmeter.aggregator.forecast.SpendModel} is fitted to it and answers with a
 * {@link dev.tokenmeter.aggregator.forecast.Forecast}. Amounts are in the budget's unit (USD or tokens) and of floating point:
 * estimates, never money that is charged.
 */
package dev.tokenmeter.aggregator.forecast;
