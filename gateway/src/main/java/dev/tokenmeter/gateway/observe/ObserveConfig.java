package dev.tokenmeter.gateway.observe;

import dev.tokenmeter.service.Settings;

/** Settings of the access log and of tracing. */
public record ObserveConfig(AccessLogConfig accessLog, OtlpConfig otlp) {
    /** Reads {@code gateway.access-log.*} and {@code gateway.otlp.*}. */
    public static ObserveConfig from(Settings settings) {
        return new ObserveConfig(AccessLogConfig.from(settings), OtlpConfig.from(settings));
    }
}
