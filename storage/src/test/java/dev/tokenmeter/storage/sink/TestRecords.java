package dev.tokenmeter.storage.sink;

import dev.tokenmeter.schemas.DurationBuckets;
import dev.tokenmeter.schemas.Granularity;
import dev.tokenmeter.schemas.Outcome;
import dev.tokenmeter.schemas.PricingClass;
import dev.tokenmeter.schemas.TokenKind;
import dev.tokenmeter.schemas.Topics;
import dev.tokenmeter.schemas.UsageEvent;
import dev.tokenmeter.schemas.UsageEvents;
import dev.tokenmeter.schemas.UsageRollup;
import dev.tokenmeter.schemas.UsageSource;
import dev.tokenmeter.storage.clickhouse.ClickHouse;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.avro.Schema;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** Records with all fields set, and a way into the tables that is the sink's own. */
public final class TestRecords {
    private static final AtomicLong OFFSETS = new AtomicLong();

    private TestRecords() {}

    public static UsageEvent.Builder event(String tenant, Instant at, String model, String costUsd) {
        return UsageEvent.newBuilder()
                .setEventId(UUID.randomUUID())
                .setOccurredAt(at)
                .setGatewayId("gw-1")
                .setTenant(tenant)
                .setApiKeyId("key_1")
                .setTags(Map.of("team", "search", "feature", "answers"))
                .setProvider("openai")
                .setModel(model)
                .setOperation("chat")
                .setOutcome(Outcome.completed)
                .setUsageSource(UsageSource.provider)
                .setUncachedInputTokens(100)
                .setTextOutputTokens(10)
                .setLatencyMs(250)
                .setCostUsd(costUsd == null ? null : new BigDecimal(costUsd).setScale(12))
                .setCostParts(costUsd == null ? Map.of() : Map.of("uncached_input_tokens", money(costUsd)));
    }

    /** The rollup of one event alone. */
    public static UsageRollup.Builder rollup(UsageEvent event, Granularity granularity, Instant start, Instant end) {
        TreeMap<String, String> dimensions = new TreeMap<>(Map.of(
                "tenant", event.getTenant(),
                "provider", event.getProvider(),
                "model", event.getModel(),
                "api_key_id", event.getApiKeyId()));
        for (String tag : List.of("team", "feature", "environment")) {
            dimensions.put("tag." + tag, event.getTags().getOrDefault(tag, ""));
        }
        dimensions.put(PricingClass.DIMENSION, PricingClass.textOf(event));
        boolean unpriced = UsageEvents.isUnpriced(event);
        return UsageRollup.newBuilder()
                .setWindowStart(start)
                .setWindowEnd(end)
                .setGranularity(granularity)
                .setDimensionGroup("detail")
                .setDimensions(dimensions)
                .setRevision(1)
                .setRequests(1)
                .setErrors(event.getOutcome() == Outcome.completed ? 0 : 1)
                .setUnpricedRequests(unpriced ? 1 : 0)
                .setUnpricedTokens(unpriced ? TokenKind.total(event) : 0)
                .setUncachedInputTokens(event.getUncachedInputTokens())
                .setCacheReadInputTokens(event.getCacheReadInputTokens())
                .setCacheWrite5mInputTokens(event.getCacheWrite5mInputTokens())
                .setCacheWrite1hInputTokens(event.getCacheWrite1hInputTokens())
                .setAudioInputTokens(event.getAudioInputTokens())
                .setImageInputTokens(event.getImageInputTokens())
                .setTextOutputTokens(event.getTextOutputTokens())
                .setReasoningOutputTokens(event.getReasoningOutputTokens())
                .setAudioOutputTokens(event.getAudioOutputTokens())
                .setImageOutputTokens(event.getImageOutputTokens())
                .setCostUsd(event.getCostUsd() == null ? money("0") : event.getCostUsd())
                .setCostParts(event.getCostParts())
                .setLatencyMsSum(event.getLatencyMs())
                .setMeteredRequests(UsageEvents.isMetered(event) ? 1 : 0)
                .setUnmeteredRequests(UsageEvents.lacksUsage(event) ? 1 : 0)
                .setFeeRequests(UsageEvents.owesFee(event) ? 1 : 0)
                .setUnits(event.getUnits())
                .setErrorsByClass(
                        UsageEvents.errorClass(event) == null ? Map.of() : Map.of(UsageEvents.errorClass(event), 1L))
                .setEstimatedRequests(event.getUsageSource() == UsageSource.estimated ? 1 : 0)
                .setEstimatedTokens(event.getUsageSource() == UsageSource.estimated ? TokenKind.total(event) : 0)
                .setLatencyMsHistogram(Map.of(DurationBuckets.name(event.getLatencyMs()), 1L))
                .setTimeToFirstTokenMsHistogram(
                        event.getTimeToFirstTokenMs() == null
                                ? Map.of()
                                : Map.of(DurationBuckets.name(event.getTimeToFirstTokenMs()), 1L))
                .setLastOccurredAt(event.getOccurredAt());
    }

    /** The rollups of several events, by hour or by day, of the groups {@code detail} and {@code tenant}. */
    public static List<UsageRollup> rollups(Collection<UsageEvent> events, Granularity granularity) {
        return rollups(events, granularity, true);
    }

    /** @param classes whether they have the dimension that older ones lack */
    public static List<UsageRollup> rollups(Collection<UsageEvent> events, Granularity granularity, boolean classes) {
        ChronoUnit unit = granularity == Granularity.day ? ChronoUnit.DAYS : ChronoUnit.HOURS;
        Map<String, UsageRollup> sums = new LinkedHashMap<>();
        for (UsageEvent event : events) {
            Instant start = event.getOccurredAt().truncatedTo(unit);
            UsageRollup one =
                    rollup(event, granularity, start, start.plus(1, unit)).build();
            if (!classes) {
                one.getDimensions().remove(PricingClass.DIMENSION);
            }
            UsageRollup ofTenant = UsageRollup.newBuilder(one)
                    .setDimensionGroup("tenant")
                    .setDimensions(Map.of("tenant", event.getTenant()))
                    .build();
            for (UsageRollup rollup : List.of(one, ofTenant)) {
                sums.merge(start + " " + new TreeMap<>(rollup.getDimensions()), rollup, TestRecords::sum);
            }
        }
        return List.copyOf(sums.values());
    }

    private static UsageRollup sum(UsageRollup a, UsageRollup b) {
        Instant latest =
                a.getLastOccurredAt().isAfter(b.getLastOccurredAt()) ? a.getLastOccurredAt() : b.getLastOccurredAt();
        UsageRollup sum = UsageRollup.newBuilder(a)
                .setCostUsd(a.getCostUsd().add(b.getCostUsd()))
                .setUnits(sum(a.getUnits(), b.getUnits()))
                .setCostParts(sum(a.getCostParts(), b.getCostParts()))
                .setErrorsByClass(counts(a.getErrorsByClass(), b.getErrorsByClass()))
                .setLatencyMsHistogram(counts(a.getLatencyMsHistogram(), b.getLatencyMsHistogram()))
                .setTimeToFirstTokenMsHistogram(
                        counts(a.getTimeToFirstTokenMsHistogram(), b.getTimeToFirstTokenMsHistogram()))
                .setLastOccurredAt(latest)
                .build();
        for (Schema.Field field : UsageRollup.getClassSchema().getFields()) {
            if (a.get(field.pos()) instanceof Long count && !field.name().equals("revision")) {
                sum.put(field.pos(), count + (Long) b.get(field.pos()));
            }
        }
        return sum;
    }

    private static Map<String, Long> counts(Map<String, Long> a, Map<String, Long> b) {
        Map<String, Long> sum = new TreeMap<>(a);
        b.forEach((name, count) -> sum.merge(name, count, Long::sum));
        return sum;
    }

    private static Map<String, BigDecimal> sum(Map<String, BigDecimal> a, Map<String, BigDecimal> b) {
        Map<String, BigDecimal> sum = new TreeMap<>(a);
        b.forEach((name, amount) -> sum.merge(name, amount, BigDecimal::add));
        return sum;
    }

    public static BigDecimal money(String usd) {
        return new BigDecimal(usd).setScale(12);
    }

    public static void store(ClickHouse clickHouse, UsageEvent... events) throws Exception {
        List<SinkRow> rows = new ArrayList<>();
        for (UsageEvent event : events) {
            rows.add(row(clickHouse, new UsageEventMapping(), event));
        }
        new RowInserter(clickHouse).insert(rows);
    }

    public static void store(ClickHouse clickHouse, UsageRollup... rollups) throws Exception {
        List<SinkRow> rows = new ArrayList<>();
        for (UsageRollup rollup : rollups) {
            rows.add(row(clickHouse, new UsageRollupMapping(), rollup));
        }
        new RowInserter(clickHouse).insert(rows);
    }

    public static void store(ClickHouse clickHouse, dev.tokenmeter.schemas.BudgetStatus status) throws Exception {
        new RowInserter(clickHouse).insert(List.of(row(clickHouse, new BudgetStatusMapping(), status)));
    }

    public static void store(ClickHouse clickHouse, dev.tokenmeter.schemas.Alert alert) throws Exception {
        new RowInserter(clickHouse).insert(List.of(row(clickHouse, new AlertMapping(), alert)));
    }

    public static void store(ClickHouse clickHouse, dev.tokenmeter.schemas.Anomaly anomaly) throws Exception {
        new RowInserter(clickHouse).insert(List.of(row(clickHouse, new AnomalyMapping(), anomaly)));
    }

    public static void store(ClickHouse clickHouse, dev.tokenmeter.schemas.ProviderBill... bills) throws Exception {
        for (dev.tokenmeter.schemas.ProviderBill bill : bills) {
            new RowInserter(clickHouse).insert(List.of(row(clickHouse, new ProviderBillMapping(), bill)));
        }
    }

    static <R extends org.apache.avro.specific.SpecificRecord> SinkRow row(
            ClickHouse clickHouse, TableMapping<R> mapping, R record) throws Exception {
        long offset = OFFSETS.incrementAndGet();
        Topics topic = mapping.topic();
        var source = new ConsumerRecord<byte[], byte[]>(topic.topicName(), 3, offset, null, new byte[] {1});
        return new RowEncoder(clickHouse).encode(mapping.table(), mapping.row(record, 3, offset), source);
    }
}
