package dev.tokenmeter.alerting;

import dev.tokenmeter.service.Settings;
import dev.tokenmeter.service.streams.StreamsSettings;
import java.time.Duration;

/**
 * Settings of alerting, section {@code alerting}.
 *
 * @param streams threads, state directory and the like
 * @param staleAfter how long after the end of the period that it is about an alert may still fire; then it is resolved
 */
record AlertingConfig(StreamsSettings streams, Duration staleAfter) {
    static final String SECTION = "alerting";

    /** Reads and checks them. */
    static AlertingConfig from(Settings settings) {
        return new AlertingConfig(
                StreamsSettings.from(settings, SECTION),
                settings.duration(SECTION + ".stale-after", Duration.ofDays(1)));
    }
}
