package dev.tokenmeter.alerting.deliver;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;

/** What is seen of one receiver. Written by its thread. */
final class DeliveryMetrics {
    private final MeterRegistry meters;
    private final String receiver;
    private final Clock clock;
    private final Counter retries;
    private volatile int waiting;
    private volatile Instant oldest;

    DeliveryMetrics(MeterRegistry meters, String receiver, Clock clock) {
        this.meters = meters;
        this.receiver = receiver;
        this.clock = clock;
        retries = Counter.builder("tokenmeter.alerting.notification.retries")
                .description("Attempts to deliver that failed and are made again")
                .tag("receiver", receiver)
                .register(meters);
        Gauge.builder("tokenmeter.alerting.notifications.waiting", this, metrics -> metrics.waiting)
                .description("Notifications that were read and not delivered yet")
                .tag("receiver", receiver)
                .register(meters);
        Gauge.builder("tokenmeter.alerting.notification.oldest.age.seconds", this, DeliveryMetrics::oldestAge)
                .description("Age of the oldest notification that is not delivered yet")
                .tag("receiver", receiver)
                .register(meters);
    }

    private double oldestAge() {
        Instant due = oldest;
        return due == null
                ? 0
                : Math.max(0, Duration.between(due, clock.instant()).toMillis() / 1e3);
    }

    /** @param due when the oldest that waits was due; null where none does */
    void waiting(int count, Instant due) {
        oldest = due;
        waiting = count;
    }

    void retry() {
        retries.increment();
    }

    /** @param outcome {@code delivered}, {@code refused} or {@code expired} */
    void ended(String outcome) {
        Counter.builder("tokenmeter.alerting.notifications")
                .description("Notifications by what became of them")
                .tag("receiver", receiver)
                .tag("outcome", outcome)
                .register(meters)
                .increment();
    }
}
