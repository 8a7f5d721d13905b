/**
 * What people should know: alerts derived from budget statuses and anomalies, their life in {@code llm.alerts.v1}, and how
 * they reach somebody. This is the only place where amounts are rounded, because only here are they read by people.
 */
package dev.tokenmeter.alerting;
