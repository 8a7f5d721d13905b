package dev.tokenmeter.benchmarks.reprice;

import java.time.Duration;
import java.util.Locale;

/**
 * CPU time used so far.
 *
 * @param services this process: broker, registry and all services, and the benchmark itself
 * @param clickHouse its child, the engine
 */
record CpuTime(Duration services, Duration clickHouse) {
    static CpuTime now() {
        Duration children =
                ProcessHandle.current().descendants().map(CpuTime::of).reduce(Duration.ZERO, Duration::plus);
        return new CpuTime(of(ProcessHandle.current()), children);
    }

    private static Duration of(ProcessHandle process) {
        return process.info().totalCpuDuration().orElse(Duration.ZERO);
    }

    /** What was used since, for each event. */
    String since(long events) {
        CpuTime now = now();
        return String.format(
                Locale.ROOT,
                "CPU for each: %d us of services, Kafka and this benchmark, %d us of ClickHouse",
                now.services.minus(services).toNanos() / 1000 / events,
                now.clickHouse.minus(clickHouse).toNanos() / 1000 / events);
    }
}
