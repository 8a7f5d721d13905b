/**
 * Who is told of which alerts and when, as settings say it: matchers, the tree of routes, times of day, silences. Terms and
 * meaning are Alertmanager's (https://prometheus.io/docs/alerting/latest/configuration/), because operators know them. Pure:
 * no clock, no I/O.
 */
package dev.tokenmeter.alerting.route;
