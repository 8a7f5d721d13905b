package dev.tokenmeter.alerting.deliver;

/**
 * Somebody who is told of alerts.
 *
 * @param name as in the settings
 * @param tellResolved whether it hears that an alert is resolved
 */
public record Receiver(String name, Sender sender, boolean tellResolved, RetryPolicy retry) {}
