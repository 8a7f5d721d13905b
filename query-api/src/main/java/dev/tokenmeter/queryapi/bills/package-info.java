/**
 * Providers' own usage and cost exports: read, checked and written to {@code llm.provider-bills.v1}, one record a day, so
 * that importing a day again replaces it. What they are compared with is in {@code reconcile}.
 */
package dev.tokenmeter.queryapi.bills;
