/**
 * Rules of alerting beyond budgets' thresholds and anomalies: which there are (the settings', {@code llm.alert-rules.v1}'s and
 * those that are there without any), and what fires them. Calls are watched in two steps, by rollup and then by what a rule
 * groups by; forecasts, prices and the pipeline's lag each by a processor of its own.
 */
package dev.tokenmeter.alerting.rule;
