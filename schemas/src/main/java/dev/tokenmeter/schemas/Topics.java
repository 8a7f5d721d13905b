package dev.tokenmeter.schemas;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.config.TopicConfig;

/** Every topic of Tokenmeter, with the settings that its meaning depends on. */
public enum Topics {
    /** {@link UsageEvent} by {@code api_key_id}: a repeated event meets its first copy in the same partition. */
    USAGE("llm.usage.v1", Scale.TRAFFIC, Cleanup.timeOfArrival(Duration.ofDays(90))),
    /** {@link UsageRollup} by window start, granularity, dimension group and values. */
    ROLLUPS("llm.rollups.v1", Scale.TRAFFIC, Cleanup.compactAndTime(Duration.ofDays(400))),
    /** {@link UsageRollup} by the key of the rollup that it replaces: what a rebuild tells the aggregator. */
    ROLLUP_REPLACEMENTS("llm.rollup-replacements.v1", Scale.CONTROL, Cleanup.time(Duration.ofDays(1))),
    /** {@link BudgetStatus} by budget id and period start. */
    BUDGET_STATUS("llm.budget-status.v1", Scale.CONTROL, Cleanup.compact()),
    /** {@link Anomaly} by tenant. */
    ANOMALIES("llm.anomalies.v1", Scale.CONTROL, Cleanup.time(Duration.ofDays(90))),
    /** {@link Alert} by alert id: a subscriber sees one alert's steps in order. */
    ALERTS("llm.alerts.v1", Scale.CONTROL, Cleanup.time(Duration.ofDays(90))),
    /** {@link Notification} by receiver: each receiver's in order. Kept for as long as Kafka remembers a receiver's offset. */
    NOTIFICATIONS("llm.notifications.v1", Scale.CONTROL, Cleanup.time(Duration.ofDays(7))),
    /** {@link Budget} by budget id; a tombstone removes it. */
    BUDGETS("llm.budgets.v1", Scale.SINGLE, Cleanup.compact()),
    /** {@link ApiKey} by api key id; a tombstone removes it. */
    KEYS("llm.keys.v1", Scale.SINGLE, Cleanup.compact()),
    /** {@link Price} by price id; a tombstone takes it back. */
    PRICES("llm.prices.v1", Scale.SINGLE, Cleanup.compact()),
    /** {@link PriceDismissal} by price id; a tombstone tells the change again. */
    PRICE_DISMISSALS("llm.price-dismissals.v1", Scale.SINGLE, Cleanup.compact()),
    /** {@link Batch} by provider and batch id; the providers keep results for a month. */
    BATCHES("llm.batches.v1", Scale.SINGLE, Cleanup.compactAndTime(Duration.ofDays(60))),
    /** {@link ProviderBill} by tenant, provider, report, account and day: importing a day again replaces it. */
    PROVIDER_BILLS("llm.provider-bills.v1", Scale.SINGLE, Cleanup.compact()),
    /** {@link AlertSilence} by silence id; a tombstone removes it. */
    SILENCES("llm.silences.v1", Scale.SINGLE, Cleanup.compact()),
    /** {@link AlertRule} by rule id; a tombstone removes it. */
    ALERT_RULES("llm.alert-rules.v1", Scale.SINGLE, Cleanup.compact()),
    /**
     * Records that a service could not use, byte for byte, with headers that say why; and, under the same key, what became
     * of them.
     */
    DEAD_LETTER("llm.dead-letter.v1", Scale.SINGLE, Cleanup.time(Duration.ofDays(90)));

    private final String topicName;
    private final Scale scale;
    private final Map<String, String> configs;

    Topics(String topicName, Scale scale, Map<String, String> configs) {
        this.topicName = topicName;
        this.scale = scale;
        this.configs = configs;
    }

    /** The name in Kafka. */
    public String topicName() {
        return topicName;
    }

    /** The registry subject of the topic's values under the default subject name strategy. */
    public String valueSubject() {
        return topicName + "-value";
    }

    /** Whether a later record replaces those before it under the same key. */
    public boolean isCompacted() {
        return configs.get(TopicConfig.CLEANUP_POLICY_CONFIG).contains(TopicConfig.CLEANUP_POLICY_COMPACT);
    }

    /**
     * How to create the topic; the replication factor is the broker's default.
     *
     * @param trafficPartitions partitions of topics that grow with traffic
     */
    public NewTopic spec(int trafficPartitions) {
        int partitions = switch (scale) {
            case TRAFFIC -> trafficPartitions;
            case CONTROL -> Math.min(trafficPartitions, 4);
            case SINGLE -> 1;
        };
        return new NewTopic(topicName, Optional.of(partitions), Optional.empty()).configs(configs);
    }

    /** How to create all topics. */
    public static List<NewTopic> specs(int trafficPartitions) {
        return Arrays.stream(values())
                .map(topic -> topic.spec(trafficPartitions))
                .toList();
    }

    private enum Scale {
        TRAFFIC,
        CONTROL,
        SINGLE
    }

    private static final class Cleanup {
        static Map<String, String> time(Duration retention) {
            return Map.of(
                    TopicConfig.CLEANUP_POLICY_CONFIG,
                    TopicConfig.CLEANUP_POLICY_DELETE,
                    TopicConfig.RETENTION_MS_CONFIG,
                    Long.toString(retention.toMillis()),
                    TopicConfig.MESSAGE_TIMESTAMP_TYPE_CONFIG,
                    "CreateTime");
        }

        /** The broker's clock: an event of a broken clock is not refused, and retention counts from its arrival. */
        static Map<String, String> timeOfArrival(Duration retention) {
            return Map.of(
                    TopicConfig.CLEANUP_POLICY_CONFIG,
                    TopicConfig.CLEANUP_POLICY_DELETE,
                    TopicConfig.RETENTION_MS_CONFIG,
                    Long.toString(retention.toMillis()),
                    TopicConfig.MESSAGE_TIMESTAMP_TYPE_CONFIG,
                    "LogAppendTime");
        }

        static Map<String, String> compact() {
            return Map.of(TopicConfig.CLEANUP_POLICY_CONFIG, TopicConfig.CLEANUP_POLICY_COMPACT);
        }

        static Map<String, String> compactAndTime(Duration retention) {
            return Map.of(
                    TopicConfig.CLEANUP_POLICY_CONFIG,
                    TopicConfig.CLEANUP_POLICY_COMPACT + "," + TopicConfig.CLEANUP_POLICY_DELETE,
                    TopicConfig.RETENTION_MS_CONFIG,
                    Long.toString(retention.toMillis()));
        }
    }
}
