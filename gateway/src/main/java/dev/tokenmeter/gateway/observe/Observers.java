package dev.tokenmeter.gateway.observe;

import io.micrometer.core.instrument.MeterRegistry;

/** Who is told of calls, besides the metrics. */
public record Observers(AccessLog accessLog, Tracing tracing) implements AutoCloseable {
    /** Opens files and starts threads where the settings ask for them. */
    public static Observers open(ObserveConfig config, String gatewayId, MeterRegistry meters) {
        return new Observers(
                AccessLog.open(config.accessLog(), meters), Tracing.open(config.otlp(), gatewayId, meters));
    }

    /** Writes and sends what waits, for a few seconds at most. */
    @Override
    public void close() {
        accessLog.close();
        tracing.close();
    }
}
