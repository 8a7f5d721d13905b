package dev.tokenmeter.alerting;

import dev.tokenmeter.schemas.Alert;
import dev.tokenmeter.schemas.Topics;
import dev.tokenmeter.service.streams.DeadLetters;
import dev.tokenmeter.service.streams.Decoded;
import dev.tokenmeter.service.streams.DecodedSerde;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.KStream;
import org.apache.kafka.streams.kstream.Named;
import org.apache.kafka.streams.kstream.Produced;

/**
 * The one topology, in the order in which data flows:
 *
 * <pre>
 * llm.budget-status.v1 ─ usable? ─ thresholds crossed ─┬─▶ llm.alerts.v1 ─▶ usable? ─ channels
 * llm.anomalies.v1 ───── usable? ─ one alert each ─────┘
 * </pre>
 *
 * Delivery reads the topic back, so that people hear only of what is committed; what cannot be used goes to the
 * dead-letter topic at each {@code usable?}. Names of stores and steps are those of internal topics: to change one is to
 * lose its state.
 */
final class AlertingTopology {
    private static final Serde<byte[]> BYTES = Serdes.ByteArray();

    private final AlertingConfig config;
    private final AlertingSerdes serdes;
    private final AlertChannel channel;
    private final MeterRegistry meters;
    private final DeadLetters deadLetters;

    AlertingTopology(AlertingConfig config, AlertingSerdes serdes, AlertChannel channel, MeterRegistry meters) {
        this.config = config;
        this.serdes = serdes;
        this.channel = channel;
        this.meters = meters;
        this.deadLetters = new DeadLetters(AlertingConfig.SECTION, meters);
    }

    Topology build() {
        StreamsBuilder builder = new StreamsBuilder();
        budgetAlerts(builder)
                .merge(anomalyAlerts(builder), Named.as("alerts-merged"))
                .to(
                        Topics.ALERTS.topicName(),
                        Produced.with(Serdes.String(), serdes.alerts()).withName("alerts-sink"));
        deliver(builder);
        return builder.build();
    }

    private KStream<String, Alert> budgetAlerts(StreamsBuilder builder) {
        builder.addStateStore(AlertBook.store(BudgetAlerts.STORE, serdes.alerts()));
        return usable(builder, Topics.BUDGET_STATUS, serdes.statuses(), "budget-status")
                .process(() -> new BudgetAlerts(config.staleAfter()), Named.as("budget-alerts"), BudgetAlerts.STORE);
    }

    private KStream<String, Alert> anomalyAlerts(StreamsBuilder builder) {
        builder.addStateStore(AlertBook.store(AnomalyAlerts.STORE, serdes.alerts()));
        return usable(builder, Topics.ANOMALIES, serdes.anomalies(), "anomalies")
                .process(() -> new AnomalyAlerts(config.staleAfter()), Named.as("anomaly-alerts"), AnomalyAlerts.STORE);
    }

    private void deliver(StreamsBuilder builder) {
        usable(builder, Topics.ALERTS, serdes.alerts(), "alerts")
                .filter((key, alert) -> alert != null, Named.as("alerts-present"))
                .foreach((key, alert) -> deliver(alert), Named.as("alerts-delivery"));
    }

    private void deliver(Alert alert) {
        channel.deliver(alert);
        Counter.builder("tokenmeter.alerts.delivered")
                .description("Steps of alerts handed to the channels")
                .tag("kind", alert.getKind())
                .tag("state", alert.getState().name())
                .register(meters)
                .increment();
    }

    private <T> KStream<byte[], T> usable(StreamsBuilder builder, Topics topic, Serde<T> values, String name) {
        KStream<byte[], Decoded<T>> records = builder.stream(
                topic.topicName(),
                Consumed.with(BYTES, new DecodedSerde<>(values.deserializer())).withName(name));
        return deadLetters.divert(records, name);
    }
}
