package dev.tokenmeter.gateway.cap;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.math.BigDecimal;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/** What the caps show. Budgets are told apart up to a bound, by their id. Amounts are approximate. Thread-safe. */
final class CapMetrics {
    private static final int MAX_BUDGETS = 200;
    private static final String OTHER = "other";

    private final MeterRegistry registry;
    private final Set<String> budgets = ConcurrentHashMap.newKeySet();
    private final Counter unpriced;

    CapMetrics(MeterRegistry registry, Supplier<BigDecimal> reserved, Supplier<BigDecimal> unconfirmed) {
        this.registry = registry;
        this.unpriced = Counter.builder("tokenmeter.gateway.caps.unpriced.requests")
                .description("Calls that a budget may hold back for which no cost could be reserved: no known price")
                .register(registry);
        Gauge.builder("tokenmeter.gateway.caps.reserved", reserved::get)
                .baseUnit("usd")
                .description("Reserved for calls in flight")
                .strongReference(true)
                .register(registry);
        Gauge.builder("tokenmeter.gateway.caps.unconfirmed", unconfirmed::get)
                .baseUnit("usd")
                .description(
                        "Settled by this gateway and not counted in budget statuses yet: of each tenant's budget in USD that lacks most")
                .strongReference(true)
                .register(registry);
    }

    void refused(String budget) {
        Counter.builder("tokenmeter.gateway.caps.refused.requests")
                .description("Calls refused because of a hard budget")
                .tag("budget", shown(budget))
                .register(registry)
                .increment();
    }

    void fell(String budget) {
        registry.counter("tokenmeter.gateway.caps.fallback.requests", "budget", shown(budget))
                .increment();
    }

    private String shown(String budget) {
        boolean shown = budgets.contains(budget) || budgets.size() < MAX_BUDGETS && budgets.add(budget);
        return shown ? budget : OTHER;
    }

    void unpriced() {
        unpriced.increment();
    }
}
