package dev.tokenmeter.aggregator;

import dev.tokenmeter.schemas.Anomaly;
import dev.tokenmeter.schemas.Granularity;
import dev.tokenmeter.schemas.Topics;
import dev.tokenmeter.schemas.UsageEvent;
import dev.tokenmeter.schemas.UsageRollup;
import dev.tokenmeter.service.streams.DeadLetters;
import dev.tokenmeter.service.streams.DecodedSerde;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.Grouped;
import org.apache.kafka.streams.kstream.KStream;
import org.apache.kafka.streams.kstream.Materialized;
import org.apache.kafka.streams.kstream.Named;
import org.apache.kafka.streams.kstream.Produced;
import org.apache.kafka.streams.kstream.Repartitioned;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.StoreBuilder;

/**
 * The one topology, in the order in which data flows:
 *
 * <pre>
 * llm.usage.v1 ─ usable? ─ seen before? ─┬─ rollups it belongs to ─(by rollup)─ sum ─▶ llm.rollups.v1
 *                   └▶ llm.dead-letter.v1 │                                     └─(by tenant)─ days ─ day over average
 *                                         │                                                              └▶ llm.anomalies.v1
 *                                         └─ what it charges ─(by tenant)─┬─ spend of each budget ─▶ llm.budget-status.v1
 * llm.budgets.v1 ─ usable? ─────────────────────────────────(by tenant)───┘
 * </pre>
 *
 * Each step in brackets is a repartition topic. Under exactly-once, what a transaction reads, keeps and writes is committed
 * together, so after any crash the stores and topics agree to the last digit. Names of stores and steps are those of
 * internal topics: to change one is to lose its state.
 */
final class AggregatorTopology {
    static final String ROLLUPS_STORE = "rollups";

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
        KStream<byte[], UsageEvent> events = unique(builder, usableEvents(builder));
        KStream<String, UsageRollup> rollups = rollUp(events);
        rollups.to(
                Topics.ROLLUPS.topicName(),
                Produced.with(STRINGS, serdes.rollups()).withName("rollups-sink"));

        KStream<String, DaySpend> spend = daySpend(builder, rollups);
        watchAnomalies(builder, spend);
        watchBudgets(builder, charges(events), definitions(builder));
        return builder.build();
    }

    private KStream<byte[], UsageEvent> usableEvents(StreamsBuilder builder) {
        var judged = builder.stream(
                        Topics.USAGE.topicName(),
                        Consumed.with(BYTES, new DecodedSerde<>(serdes.events().deserializer()))
                                .withTimestampExtractor(new EventTime())
                                .withName("usage"))
                .processValues(
                        () -> new EventGate(
                                config.lateAfter(),
                                config.correctableFor(),
                                config.groups(),
                                config.budgetDimensions()),
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

    private KStream<String, UsageRollup> rollUp(KStream<byte[], UsageEvent> events) {
        RollupFanOut fanOut = new RollupFanOut(config.groups(), config.granularities(), ZoneOffset.UTC);
        return events.flatMap((key, event) -> fanOut.rollupsOf(event), Named.as("rollups-of-event"))
                .repartition(Repartitioned.with(STRINGS, serdes.rollups())
                        .withName("events-by-rollup")
                        .withNumberOfPartitions(partitions))
                .groupByKey(Grouped.with("rollup", STRINGS, serdes.rollups()))
                .aggregate(
                        () -> null,
                        (key, event, sum) -> add(event, sum),
                        Named.as("rollup-sum"),
                        Materialized.<String, UsageRollup, KeyValueStore<Bytes, byte[]>>as(ROLLUPS_STORE)
                                .withKeySerde(STRINGS)
                                .withValueSerde(serdes.rollups())
                                .withCachingEnabled())
                .toStream(Named.as("rollup-changes"))
                // Expired state leaves the store, not the topic.
                .filter((key, rollup) -> rollup != null, Named.as("rollup-unexpired"))
                .processValues(
                        () -> new RollupExpiry(ROLLUPS_STORE, config.stateRetention()),
                        Named.as("rollup-expiry"),
                        ROLLUPS_STORE);
    }

    private static UsageRollup add(UsageRollup event, UsageRollup sum) {
        long now = System.currentTimeMillis();
        return sum == null
                ? Rollups.first(event, Revision.after(0, now))
                : Rollups.sum(sum, event, Revision.after(sum.getRevision(), now));
    }

    private KStream<String, DaySpend> daySpend(StreamsBuilder builder, KStream<String, UsageRollup> rollups) {
        builder.addStateStore(DaySpendStore.builder());
        return rollups.filter((key, rollup) -> isTenantDay(rollup), Named.as("tenant-day"))
                .selectKey((key, rollup) -> tenantDay(rollup), Named.as("tenant-day-key"))
                .repartition(Repartitioned.with(TenantKey.serde(), serdes.rollups())
                        .withName("days-by-tenant")
                        .withStreamPartitioner(TenantKey.byTenant())
                        .withNumberOfPartitions(partitions))
                .process(
                        () -> new DaySpendRecorder(config.stateRetention()),
                        Named.as("tenant-day-recorder"),
                        DaySpendStore.NAME);
    }

    private static boolean isTenantDay(UsageRollup rollup) {
        return rollup.getGranularity() == Granularity.day
                && rollup.getDimensionGroup().equals(DimensionGroup.TENANT);
    }

    private static TenantKey tenantDay(UsageRollup rollup) {
        LocalDate day = LocalDate.ofInstant(rollup.getWindowStart(), ZoneOffset.UTC);
        return DaySpend.key(rollup.getDimensions().get(Dimension.TENANT), day);
    }

    private KStream<TenantKey, BudgetInput> charges(KStream<byte[], UsageEvent> events) {
        return events.flatMap((key, event) -> charge(event), Named.as("charge-of-event"))
                .repartition(Repartitioned.with(TenantKey.serde(), Charge.serde())
                        .withName("charges-by-tenant")
                        .withStreamPartitioner(TenantKey.byTenant())
                        .withNumberOfPartitions(partitions))
                .mapValues(charge -> charge, Named.as("charge-input"));
    }

    /** None where nothing was charged. */
    private List<KeyValue<TenantKey, Charge>> charge(UsageEvent event) {
        Charge charge = Charge.of(event, config.budgetDimensions());
        return charge.amounts().isNone() ? List.of() : List.of(KeyValue.pair(TenantKey.of(event.getTenant()), charge));
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

    private void watchAnomalies(StreamsBuilder builder, KStream<String, DaySpend> spend) {
        builder.addStateStore(AnomalyWatch.store());
        KStream<String, Anomaly> anomalies = spend.process(
                () -> new AnomalyWatch(config.anomalyRule(), config.stateRetention()),
                Named.as("anomaly-watch"),
                DaySpendStore.NAME,
                AnomalyWatch.STORE);
        anomalies.to(
                Topics.ANOMALIES.topicName(),
                Produced.with(STRINGS, serdes.anomalies()).withName("anomalies-sink"));
    }
}
