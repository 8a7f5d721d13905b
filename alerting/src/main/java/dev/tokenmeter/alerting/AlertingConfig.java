package dev.tokenmeter.alerting;

import dev.tokenmeter.alerting.rule.RuleSettings;
import dev.tokenmeter.schemas.AlertRule;
import dev.tokenmeter.service.ConsumerGroups;
import dev.tokenmeter.service.Settings;
import dev.tokenmeter.service.streams.StreamsSettings;
import java.time.Duration;
import java.util.Map;

/**
 * Settings of alerting, section {@code alerting}.
 *
 * @param streams threads, state directory and the like
 * @param staleAfter how long after the end of the period that it is about an alert may still fire; then it is resolved
 * @param unpricedGroup the aggregator's dimension group in which calls and models without a price are looked at; it must have the
 *     dimensions tenant, provider and model
 * @param rules those of the settings, by id
 * @param aggregatorGroup consumer group of what counts events, for the pipeline's lag
 * @param storageGroup consumer group of what stores them
 */
record AlertingConfig(
        StreamsSettings streams,
        Duration staleAfter,
        String unpricedGroup,
        Map<String, AlertRule> rules,
        String aggregatorGroup,
        String storageGroup) {
    static final String SECTION = "alerting";

    /** Reads and checks them. */
    static AlertingConfig from(Settings settings) {
        return new AlertingConfig(
                StreamsSettings.from(settings, SECTION),
                settings.duration(SECTION + ".stale-after", Duration.ofDays(1)),
                settings.string(SECTION + ".unpriced-group", "detail"),
                RuleSettings.from(settings),
                settings.string("stream-aggregator.application.id", ConsumerGroups.AGGREGATOR),
                settings.string("storage.group-id", ConsumerGroups.STORAGE));
    }
}
