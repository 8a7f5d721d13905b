package dev.tokenmeter.alerting;

import dev.tokenmeter.alerting.rule.RuleBook;
import dev.tokenmeter.alerting.rule.RuleStage;
import dev.tokenmeter.schemas.Alert;
import dev.tokenmeter.schemas.BudgetStatus;
import dev.tokenmeter.schemas.Granularity;
import dev.tokenmeter.schemas.Topics;
import dev.tokenmeter.schemas.UsageRollup;
import dev.tokenmeter.service.streams.DeadLetters;
import dev.tokenmeter.service.streams.Decoded;
import dev.tokenmeter.service.streams.DecodedSerde;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.utils.Utils;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.KStream;
import org.apache.kafka.streams.kstream.Named;
import org.apache.kafka.streams.kstream.Produced;
import org.apache.kafka.streams.kstream.Repartitioned;

/**
 * The one topology, in the order in which data flows:
 *
 * <pre>
 * llm.budget-status.v1 ─ usable? ─ thresholds crossed ─┬─▶ llm.alerts.v1 ─▶ usable? ─┬─ log
 * llm.anomalies.v1 ───── usable? ─ one alert each ─────┤                             └─ notifier
 * llm.rollups.v1 ─────── usable? ─┬ unpriced days ─ by model ─ one alert each ─┤
 *                                 └ rules of calls ────────────────────────────┤
 * llm.prices.v1 ──────── usable? ─ rules of prices and of the pipeline ────────┘
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
    private final PageLinks links;
    private final RuleBook rules;
    private final RuleStage ruleStage;
    private final BiConsumer<StreamsBuilder, KStream<byte[], Alert>> notifier;
    private final DeadLetters deadLetters;

    /** Without links and notifications. */
    AlertingTopology(AlertingConfig config, AlertingSerdes serdes, AlertChannel channel, MeterRegistry meters) {
        this(
                config,
                serdes,
                channel,
                meters,
                new PageLinks(Optional.empty()),
                new RuleBook(config.rules()),
                Map::of,
                (builder, alerts) -> {});
    }

    /**
     * @param lags how far the pipeline is behind, by service
     * @param notifier adds what makes notifications of the committed alerts
     */
    AlertingTopology(
            AlertingConfig config,
            AlertingSerdes serdes,
            AlertChannel channel,
            MeterRegistry meters,
            PageLinks links,
            RuleBook rules,
            Supplier<Map<String, Duration>> lags,
            BiConsumer<StreamsBuilder, KStream<byte[], Alert>> notifier) {
        this.config = config;
        this.serdes = serdes;
        this.channel = channel;
        this.meters = meters;
        this.links = links;
        this.rules = rules;
        this.ruleStage = new RuleStage(rules, lags, config.staleAfter(), serdes.alerts());
        this.notifier = notifier;
        this.deadLetters = new DeadLetters(AlertingConfig.SECTION, meters);
    }

    Topology build() {
        StreamsBuilder builder = new StreamsBuilder();
        KStream<byte[], UsageRollup> rollups = rollups(builder);
        budgetAlerts(builder)
                .merge(anomalyAlerts(builder), Named.as("alerts-merged"))
                .merge(unpricedAlerts(builder, rollups), Named.as("unpriced-merged"))
                .merge(callAlerts(builder, rollups), Named.as("calls-merged"))
                .merge(priceAndLagAlerts(builder), Named.as("prices-merged"))
                .mapValues(links::linked, Named.as("alerts-linked"))
                .to(
                        Topics.ALERTS.topicName(),
                        Produced.with(Serdes.String(), serdes.alerts()).withName("alerts-sink"));
        deliver(builder);
        return builder.build();
    }

    private KStream<String, Alert> budgetAlerts(StreamsBuilder builder) {
        builder.addStateStore(AlertBook.store(BudgetAlerts.STORE, serdes.alerts()));
        builder.addStateStore(AlertBook.store(ForecastAlerts.STORE, serdes.alerts()));
        KStream<byte[], BudgetStatus> statuses =
                usable(builder, Topics.BUDGET_STATUS, serdes.statuses(), "budget-status");
        return statuses.process(
                        () -> new BudgetAlerts(config.staleAfter()), Named.as("budget-alerts"), BudgetAlerts.STORE)
                .merge(
                        statuses.process(
                                () -> new ForecastAlerts(rules, config.staleAfter()),
                                Named.as("forecast-alerts"),
                                ForecastAlerts.STORE),
                        Named.as("forecasts-merged"));
    }

    private KStream<String, Alert> anomalyAlerts(StreamsBuilder builder) {
        builder.addStateStore(AlertBook.store(AnomalyAlerts.STORE, serdes.alerts()));
        return usable(builder, Topics.ANOMALIES, serdes.anomalies(), "anomalies")
                .process(() -> new AnomalyAlerts(config.staleAfter()), Named.as("anomaly-alerts"), AnomalyAlerts.STORE);
    }

    private KStream<String, Alert> callAlerts(StreamsBuilder builder, KStream<byte[], UsageRollup> rollups) {
        return ruleStage.ofCalls(
                builder,
                rollups.filter(
                        (key, rollup) -> rollup.getGranularity() == Granularity.hour, Named.as("rollups-of-hours")));
    }

    private KStream<String, Alert> priceAndLagAlerts(StreamsBuilder builder) {
        return ruleStage.ofPricesAndPipeline(
                builder, usable(builder, Topics.PRICES, serdes.prices(), "prices"), serdes.prices());
    }

    private KStream<String, Alert> unpricedAlerts(StreamsBuilder builder, KStream<byte[], UsageRollup> rollups) {
        builder.addStateStore(UnpricedWindows.store());
        builder.addStateStore(UnpricedAlerts.daysStore(serdes.rollups()));
        builder.addStateStore(AlertBook.store(UnpricedAlerts.STORE, serdes.alerts()));
        return rollups.filter(
                        (key, rollup) -> UnpricedWindows.isOfModel(rollup, config.unpricedGroup()),
                        Named.as("rollups-of-models"))
                .process(
                        () -> new UnpricedWindows(config.staleAfter()),
                        Named.as("unpriced-windows"),
                        UnpricedWindows.STORE)
                .repartition(Repartitioned.with(Serdes.String(), serdes.rollups())
                        .withName("unpriced-by-model")
                        .withStreamPartitioner((topic, key, value, partitions) ->
                                Optional.of(Set.of(Utils.toPositive(Utils.murmur2(
                                                UnpricedWindows.subject(key).getBytes(StandardCharsets.UTF_8)))
                                        % partitions))))
                .process(
                        () -> new UnpricedAlerts(config.staleAfter()),
                        Named.as("unpriced-alerts"),
                        UnpricedAlerts.STORE,
                        UnpricedAlerts.DAYS);
    }

    /** Days and hours of the watched group; told by their keys, so that others need not be read. */
    private KStream<byte[], UsageRollup> rollups(StreamsBuilder builder) {
        Deserializer<Decoded<UsageRollup>> values =
                new DecodedSerde<>(serdes.rollups().deserializer()).deserializer();
        String group = ",\"" + config.unpricedGroup() + "\"";
        KStream<byte[], Decoded<UsageRollup>> read = builder.stream(
                        Topics.ROLLUPS.topicName(), Consumed.with(BYTES, BYTES).withName("rollups"))
                .filter((key, value) -> UnpricedWindows.mayBe(key, group), Named.as("rollups-of-days"))
                .mapValues(value -> values.deserialize(Topics.ROLLUPS.topicName(), value), Named.as("rollups-read"));
        return deadLetters
                .divert(read, "rollups")
                .filter(
                        (key, rollup) -> key != null
                                && rollup != null
                                && rollup.getDimensionGroup().equals(config.unpricedGroup()),
                        Named.as("rollups-of-group"));
    }

    private void deliver(StreamsBuilder builder) {
        KStream<byte[], Alert> alerts = usable(builder, Topics.ALERTS, serdes.alerts(), "alerts")
                .filter((key, alert) -> alert != null, Named.as("alerts-present"));
        alerts.foreach((key, alert) -> deliver(alert), Named.as("alerts-delivery"));
        notifier.accept(builder, alerts);
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
