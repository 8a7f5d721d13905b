/**
 * From {@code llm.notifications.v1} to people. Each receiver has a consumer group and a thread of its own, so that one that is
 * down holds up nobody else; what it missed waits in Kafka. At least once, each time with the same idempotency key.
 */
package dev.tokenmeter.alerting.deliver;
