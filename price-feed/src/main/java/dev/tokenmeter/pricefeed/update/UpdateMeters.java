package dev.tokenmeter.pricefeed.update;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.concurrent.atomic.AtomicInteger;

/** What is counted of a polled list. */
final class UpdateMeters {
    private final MeterRegistry registry;
    private final Counter taken;
    private final AtomicInteger held = new AtomicInteger();

    UpdateMeters(MeterRegistry registry) {
        this.registry = registry;
        this.taken = Counter.builder("tokenmeter.prices.update.taken")
                .description("Changes of the polled price list that were recorded")
                .register(registry);
        Gauge.builder("tokenmeter.prices.update.held.back", held, AtomicInteger::get)
                .description("Changes of the polled price list that wait for a person")
                .register(registry);
    }

    /** @param outcome {@code read}, {@code unchanged} or {@code failed} */
    void looked(String outcome) {
        Counter.builder("tokenmeter.prices.update.looks")
                .description("Looks at the polled price list")
                .tag("outcome", outcome)
                .register(registry)
                .increment();
    }

    void took(int changes) {
        taken.increment(changes);
    }

    void hold(int changes) {
        held.set(changes);
    }
}
