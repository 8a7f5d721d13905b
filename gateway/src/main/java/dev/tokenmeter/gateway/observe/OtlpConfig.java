package dev.tokenmeter.gateway.observe;

import dev.tokenmeter.service.SettingException;
import dev.tokenmeter.service.Settings;
import java.net.URI;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;

/**
 * Settings of tracing, as OpenTelemetry's environment variables name them.
 *
 * @param endpoint the collector's base URL, to which {@code /v1/traces} is added; null for no tracing
 * @param headers sent with each export; may hold secrets
 * @param gzip whether exports are compressed
 * @param timeout of an export
 * @param serviceName {@code service.name} of the spans
 * @param sampler which calls are traced
 * @param samplerArg share of the traces that a ratio sampler takes, 0 to 1
 * @param maxQueueSize spans that may wait to be exported
 * @param maxExportBatchSize spans of one export
 * @param scheduleDelay longest wait of a span
 * @see <a href="https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/">the variables</a>
 */
record OtlpConfig(
        URI endpoint,
        Map<String, String> headers,
        boolean gzip,
        Duration timeout,
        String serviceName,
        Sampling sampler,
        double samplerArg,
        int maxQueueSize,
        int maxExportBatchSize,
        Duration scheduleDelay) {
    private static final String PREFIX = "gateway.otlp.";

    /** The standard samplers that a proxy has use for. */
    enum Sampling {
        ALWAYS_ON,
        TRACEIDRATIO,
        PARENTBASED_ALWAYS_ON,
        PARENTBASED_ALWAYS_OFF,
        PARENTBASED_TRACEIDRATIO;

        /** OpenTelemetry writes an underscore where our settings would have a hyphen. */
        static Sampling of(String text) {
            for (Sampling sampling : values()) {
                if (sampling.name().toLowerCase(Locale.ROOT).equals(text)) {
                    return sampling;
                }
            }
            throw new SettingException(
                    PREFIX + "traces-sampler",
                    "found '" + text + "'",
                    "always_on, traceidratio, parentbased_always_on, parentbased_always_off, parentbased_traceidratio");
        }
    }

    private enum Compression {
        NONE,
        GZIP
    }

    static OtlpConfig from(Settings settings) {
        return new OtlpConfig(
                settings.url(PREFIX + "endpoint").orElse(null),
                settings.map(PREFIX + "headers"),
                settings.oneOf(PREFIX + "compression", Compression.class, Compression.GZIP) == Compression.GZIP,
                settings.duration(PREFIX + "timeout", Duration.ofSeconds(10)),
                settings.string(PREFIX + "service-name", "tokenmeter-gateway"),
                Sampling.of(settings.string(PREFIX + "traces-sampler", "parentbased_always_on")),
                ratio(settings),
                settings.integer(PREFIX + "bsp-max-queue-size", 2048, 1, 10_000_000),
                settings.integer(PREFIX + "bsp-max-export-batch-size", 512, 1, 100_000),
                settings.duration(PREFIX + "bsp-schedule-delay", Duration.ofSeconds(5)));
    }

    private static double ratio(Settings settings) {
        String key = PREFIX + "traces-sampler-arg";
        String text = settings.string(key, "1");
        try {
            double ratio = Double.parseDouble(text);
            if (ratio >= 0 && ratio <= 1) {
                return ratio;
            }
        } catch (NumberFormatException e) {
            // said below
        }
        throw new SettingException(key, "found '" + text + "'", "a number from 0 to 1");
    }

    @Override
    public String toString() {
        return "OtlpConfig[" + endpoint + "]";
    }
}
