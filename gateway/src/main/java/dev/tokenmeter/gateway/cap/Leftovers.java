package dev.tokenmeter.gateway.cap;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.function.BooleanSupplier;

/**
 * Whether what earlier runs left in the outbox is still to be reckoned with: until the aggregator has had a while to count
 * the last of it. (An event that was counted before and is sent again would otherwise stay unconfirmed for good.)
 */
final class Leftovers {
    private static final Duration WHILE = Duration.ofSeconds(60);

    private final Clock clock;
    private final BooleanSupplier areSent;
    private volatile Instant forgottenAt = Instant.MAX;

    /** @param areSent whether all of them have reached Kafka */
    Leftovers(Clock clock, BooleanSupplier areSent) {
        this.clock = clock;
        this.areSent = areSent;
    }

    static Leftovers none(Clock clock) {
        Leftovers none = new Leftovers(clock, () -> true);
        none.forgottenAt = Instant.MIN;
        return none;
    }

    boolean count() {
        if (forgottenAt.equals(Instant.MAX) && areSent.getAsBoolean()) {
            forgottenAt = clock.instant().plus(WHILE);
        }
        return clock.instant().isBefore(forgottenAt);
    }
}
