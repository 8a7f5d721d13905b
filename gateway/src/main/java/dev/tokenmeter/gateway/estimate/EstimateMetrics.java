package dev.tokenmeter.gateway.estimate;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What estimates show. Thread-safe. */
final class EstimateMetrics {
    private final Map<Count.Method, Counter> estimates;
    private final Counter failed;

    EstimateMetrics(MeterRegistry registry, Supplier<Number> queued, Supplier<Number> keptBytes) {
        estimates = Stream.of(Count.Method.values())
                .collect(Collectors.toMap(
                        method -> method,
                        method -> Counter.builder("tokenmeter.gateway.estimates")
                                .description("Calls whose usage was estimated, for want of the provider's figures")
                                .tag("method", method.name().toLowerCase(Locale.ROOT))
                                .register(registry)));
        failed = Counter.builder("tokenmeter.gateway.estimates.failed")
                .description("Counts that failed; these calls were estimated by their bytes")
                .register(registry);
        Gauge.builder("tokenmeter.gateway.estimates.queued", queued)
                .description("Calls that wait to be counted")
                .register(registry);
        Gauge.builder("tokenmeter.gateway.estimates.kept", keptBytes)
                .baseUnit("bytes")
                .description("Text of calls in flight that is kept in case their usage never comes")
                .register(registry);
    }

    void estimated(Count.Method method) {
        estimates.get(method).increment();
    }

    void failed() {
        failed.increment();
    }
}
