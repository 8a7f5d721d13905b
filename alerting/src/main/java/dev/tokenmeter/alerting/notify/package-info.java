/**
 * From alerts to notifications: a stage of alerting's topology, exactly once, that routes, groups, waits, repeats and keeps
 * quiet as {@link dev.tokenmeter.alerting.route} says. What it decides is in {@code llm.notifications.v1}; who delivers that
 * is {@link dev.tokenmeter.alerting.deliver}.
 */
package dev.tokenmeter.alerting.notify;
