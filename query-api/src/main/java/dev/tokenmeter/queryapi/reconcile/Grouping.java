package dev.tokenmeter.queryapi.reconcile;

/**
 * What rows are grouped by, beside the provider.
 *
 * @param day by UTC day
 * @param model by model
 */
record Grouping(boolean day, boolean model) {}
