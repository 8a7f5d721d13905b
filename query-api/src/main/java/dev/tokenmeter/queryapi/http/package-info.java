/**
 * What all endpoints share: parameters and their errors, problem details, JSON, the bounded workers that keep blocking
 * work off the event loop, security headers. Knows nothing of usage or budgets.
 */
package dev.tokenmeter.queryapi.http;
