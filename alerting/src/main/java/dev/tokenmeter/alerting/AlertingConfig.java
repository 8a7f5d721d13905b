package dev.tokenmeter.alerting;

import dev.tokenmeter.service.Settings;
import dev.tokenmeter.service.streams.StreamsSettings;
import java.time.Duration;

/**
 * Settings of alerting, section {@code alerting}.
 *
 * @param streams threads, state directory and the like
 * @param staleAfter how long after the end of the period that it is about an alert may still fire; then it is resolved
 * @param unpricedGroup the aggregator's dimension group in which models without a price are looked for; it must have the
 *     dimensions tenant, provider and model
 */
record AlertingConfig(StreamsSettings streams, Duration staleAfter, String unpricedGroup) {
    static final String SECTION = "alerting";

    /** Reads and checks them. */
    static AlertingConfig from(Settings settings) {
        return new AlertingConfig(
                StreamsSettings.from(settings, SECTION),
                settings.duration(SECTION + ".stale-after", Duration.ofDays(1)),
                settings.string(SECTION + ".unpriced-group", "detail"));
    }
}
