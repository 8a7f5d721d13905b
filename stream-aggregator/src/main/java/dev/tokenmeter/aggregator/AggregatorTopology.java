package dev.tokenmeter.aggregator;

import dev.tokenmeter.schemas.Topics;
import dev.tokenmeter.schemas.UsageEvent;
import dev.tokenmeter.schemas.UsageRollup;
import dev.tokenmeter.service.streams.DeadLetters;
import dev.tokenmeter.service.streams.DecodedSerde;
import io.micrometer.core.instrument.MeterRegistry;
import java.nio.charset.StandardCharsets;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.KStream;
import org.apache.kafka.streams.kstream.Named;
import org.apache.kafka.streams.kstream.Produced;
import org.apache.kafka.streams.kstream.Repartitioned;
import org.apache.kafka.streams.state.StoreBuilder;

/**
 * The one topology, in the order in which data flows:
 *
 * <pre>
 * llm.rollup-replacements.v1 ─ usable? ─────────────────────(by tenant)─┐
 * llm.usage.v1 ─ usable? ─ seen before? ─ what counts of it ─(by tenant)─┬─ sum of each rollup ─▶ llm.rollups.v1
 *                   └▶ llm.dead-letter.v1                                ├─ out of the ordinary? ─▶ llm.anomalies.v1
 *                                                                        └─┬─ spend of each budget ─▶ llm.budget-status.v1
 * llm.budgets.v1 ─ usable? ─────────────────────────────────(by tenant)────┘
 * </pre>
 *
 * Each step in brackets is a repartition topic. Under exactly-once, what a transaction reads, keeps and writes is committed
 * together, so after any crash the stores and topics agree to the last digit. Names of stores and steps are those of
 * internal topics: to change one is to lose its state.
 */
final class AggregatorTopology {
    private static final Serde<byte[]> BYTES = Serdes.ByteArray();
    private static final Serde<String> STRINGS = Serdes.String();

    private final AggregatorConfig config;
    private final AggregatorSerdes serdes;
    private final MeterRegistry meters;
    private final DeadLetters deadLetters;
    private final int partitions;

    /** @param partitions of the internal topics; fixed once they exist */
    AggregatorTopology(AggregatorConfig config, AggregatorSerdes serdes, MeterRegistry meters, int partitions) {
        this.config = config;
        this.serdes = serdes;
        this.meters = meters;
        this.deadLetters = new DeadLetters(AggregatorConfig.SECTION, meters);
        this.partitions = partitions;
    }

    Topology build() {
        StreamsBuilder builder = new StreamsBuilder();
        KStream<TenantKey, Counted> counted = byTenant(unique(builder, usableEvents(builder)));
        KStream<String, UsageRollup> rollups = rollUp(builder, counted);
        rollups.to(
                Topics.ROLLUPS.topicName(),
                Produced.with(STRINGS, serdes.rollups()).withName("rollups-sink"));

        watchAnomalies(builder, counted);
        watchBudgets(builder, charges(counted), definitions(builder));
        return builder.build();
    }

    private KStream<byte[], UsageEvent> usableEvents(StreamsBuilder builder) {
        builder.addStateStore(RebuildCuts.store());
        var judged = builder.stream(
                        Topics.USAGE.topicName(),
                        Consumed.with(BYTES, new DecodedSerde<>(serdes.events().deserializer()))
                                .withTimestampExtractor(new EventTime())
                                .withName("usage"))
                .processValues(RebuildCuts::new, Named.as("usage-cuts"), RebuildCuts.STORE)
                .processValues(
                        () -> new EventGate(
                                config.lateAfter(),
                                config.dedupeHorizon(),
                                config.correctableFor(),
                                config.dimensions()),
                        Named.as("usage-gate"));
        return deadLetters.divert(judged, "usage");
    }

    private KStream<byte[], UsageEvent> unique(StreamsBuilder builder, KStream<byte[], UsageEvent> events) {
        builder.addStateStore(Deduplicator.store());
        builder.addStateStore(Revisions.store());
        return events.process(
                () -> new Deduplicator(config.dedupeHorizon(), config.correctableFor(), meters),
                Named.as("usage-unique"),
                Deduplicator.STORE,
                Revisions.STORE);
    }

    private KStream<TenantKey, Counted> byTenant(KStream<byte[], UsageEvent> events) {
        List<Dimension> dimensions = config.dimensions();
        return events.map(
                        (key, event) -> KeyValue.pair(TenantKey.of(event.getTenant()), Counted.of(event, dimensions)),
                        Named.as("counted-of-event"))
                .repartition(Repartitioned.with(TenantKey.serde(), Counted.serde())
                        .withName("counted-by-tenant")
                        .withStreamPartitioner(TenantKey.byTenant())
                        .withNumberOfPartitions(partitions));
    }

    private KStream<String, UsageRollup> rollUp(StreamsBuilder builder, KStream<TenantKey, Counted> counted) {
        RollupBook.stores().forEach(builder::addStateStore);
        builder.addStateStore(RollupReplacements.store());
        KStream<TenantKey, RollupInput> inputs =
                inputs(counted).merge(replacements(builder), Named.as("rollup-inputs"));
        return inputs.process(
                () -> new RollupWatch(
                        () -> new RollupFanOut(config.groups(), config.granularities(), ZoneOffset.UTC),
                        config.groups(),
                        config.untoldRollups(),
                        config.stateRetention(),
                        meters),
                Named.as("rollup-watch"),
                RollupBook.SUMS,
                RollupBook.UNTOLD,
                RollupReplacements.STORE);
    }

    /** The same stream; a step that only changes its type would cost each event. */
    @SuppressWarnings("unchecked")
    private static KStream<TenantKey, RollupInput> inputs(KStream<TenantKey, ? extends RollupInput> inputs) {
        return (KStream<TenantKey, RollupInput>) inputs;
    }

    private KStream<TenantKey, RollupInput> replacements(StreamsBuilder builder) {
        var judged = builder.stream(
                        Topics.ROLLUP_REPLACEMENTS.topicName(),
                        Consumed.with(BYTES, new DecodedSerde<>(serdes.rollups().deserializer()))
                                // A rebuild says nothing of how far event time has come.
                                .withTimestampExtractor((record, partitionTime) -> Math.max(0, partitionTime))
                                .withName("replacements"))
                .processValues(() -> new ReplacementGate(config.groups()), Named.as("replacements-gate"));
        KStream<TenantKey, RollupInput> byTenant = deadLetters
                .divert(judged, "replacements")
                .selectKey(
                        (key, rollup) -> TenantKey.of(
                                rollup.getDimensions().get(Dimension.TENANT), new String(key, StandardCharsets.UTF_8)),
                        Named.as("replacements-key"))
                .repartition(Repartitioned.with(TenantKey.serde(), serdes.rollups())
                        .withName("replacements-by-tenant")
                        .withStreamPartitioner(TenantKey.byTenant())
                        .withNumberOfPartitions(partitions))
                .mapValues(RollupInput.Replacement::new, Named.as("replacement-input"));
        return byTenant;
    }

    private KStream<TenantKey, BudgetInput> charges(KStream<TenantKey, Counted> counted) {
        return counted.flatMapValues(event -> event.charges(config.budgetDimensions()), Named.as("charges-of-event"));
    }

    private KStream<TenantKey, BudgetInput> definitions(StreamsBuilder builder) {
        builder.addStateStore(BudgetGate.store());
        var judged = builder.stream(
                        Topics.BUDGETS.topicName(),
                        Consumed.with(BYTES, new DecodedSerde<>(serdes.budgets().deserializer()))
                                .withName("budgets"))
                .processValues(
                        () -> new BudgetGate(config.budgetDimensions()), Named.as("budgets-gate"), BudgetGate.STORE);
        return deadLetters
                .divert(judged, "budgets")
                .process(BudgetRouter::new, Named.as("budgets-router"), BudgetGate.STORE)
                .repartition(Repartitioned.with(TenantKey.serde(), serdes.budgets())
                        .withName("budgets-by-tenant")
                        .withStreamPartitioner(TenantKey.byTenant())
                        .withNumberOfPartitions(partitions))
                .mapValues(BudgetInput.Definition::new, Named.as("definition-input"));
    }

    private void watchBudgets(
            StreamsBuilder builder,
            KStream<TenantKey, BudgetInput> charges,
            KStream<TenantKey, BudgetInput> definitions) {
        List<StoreBuilder<?>> stores = new ArrayList<>(BudgetBook.stores(serdes.budgets(), serdes.statuses()));
        stores.addAll(PeriodSpends.stores());
        stores.add(SpendCells.builder());
        stores.add(Unsaid.builder());
        stores.forEach(builder::addStateStore);
        charges.merge(definitions, Named.as("budget-inputs"))
                .process(
                        () -> new BudgetWatch(config.stateRetention()),
                        Named.as("budget-watch"),
                        BudgetWatch.storeNames())
                .to(
                        Topics.BUDGET_STATUS.topicName(),
                        Produced.with(STRINGS, serdes.statuses()).withName("budget-status-sink"));
    }

    private void watchAnomalies(StreamsBuilder builder, KStream<TenantKey, Counted> counted) {
        AnomalyStores.all(serdes.anomalies()).forEach(builder::addStateStore);
        counted.process(
                        () -> new AnomalyWatch(config.anomalies(), config.tenants(), config.stateRetention(), meters),
                        Named.as("anomaly-watch"),
                        AnomalyStores.names())
                .to(
                        Topics.ANOMALIES.topicName(),
                        Produced.with(STRINGS, serdes.anomalies()).withName("anomalies-sink"));
    }
}
