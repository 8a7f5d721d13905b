package dev.tokenmeter.aggregator;

import dev.tokenmeter.schemas.Granularity;
import dev.tokenmeter.schemas.UsageRollup;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;

/** The sum of one rollup, as it is kept. Which one it is says its key, but for the names of its dimensions. Grows; one thread. */
final class RollupSum {
    private static final int VERSION = 1;
    private static final int WINDOW_START = 0;
    private static final int GRANULARITY = 1;
    private static final int GROUP = 2;
    private static final int VALUES = 3;

    private final List<String> names;
    private final Measures measures;
    private long revision;
    private Instant lastAt;
    /** Known where an event was added; it stands in the key as well. */
    private Window window;

    private RollupSum(List<String> names, Measures measures, long revision, Instant lastAt) {
        this.names = names;
        this.measures = measures;
        this.revision = revision;
        this.lastAt = lastAt;
    }

    static RollupSum none(DimensionGroup group) {
        return new RollupSum(group.names(), Measures.none(), 0, Instant.EPOCH);
    }

    /** As a rollup states it. */
    static RollupSum of(UsageRollup rollup, DimensionGroup group) {
        RollupSum sum =
                new RollupSum(group.names(), Measures.of(rollup), rollup.getRevision(), rollup.getLastOccurredAt());
        sum.window = new Window(rollup.getGranularity(), rollup.getWindowStart(), rollup.getWindowEnd());
        return sum;
    }

    void add(RollupSum more) {
        measures.add(more.measures);
        lastAt = more.lastAt.isAfter(lastAt) ? more.lastAt : lastAt;
    }

    /** Makes it later than the sum that it replaces, null for none. */
    void replace(RollupSum before, long nowMs) {
        revision = Revision.after(before == null ? revision : Math.max(revision, before.revision), nowMs);
    }

    /** Of a sum that an event was added to, or that was told to replace another. */
    Instant windowStart() {
        return window.start();
    }

    void add(Counted event, Window in, long nowMs) {
        window = in;
        measures.add(event.measures());
        revision = Revision.after(revision, nowMs);
        lastAt = event.at().isAfter(lastAt) ? event.at() : lastAt;
    }

    /** Makes what is told again later than what may have been told. */
    void renew(long nowMs) {
        revision = Revision.after(revision, nowMs);
    }

    /** The latest event's time. */
    Instant lastAt() {
        return lastAt;
    }

    UsageRollup toRollup(String key) {
        List<String> parts = JsonKey.decode(key);
        Window its = window == null ? windowOf(parts) : window;
        Map<String, String> dimensions = new LinkedHashMap<>(names.size() * 2);
        for (int i = 0; i < names.size(); i++) {
            dimensions.put(names.get(i), parts.get(VALUES + i));
        }
        UsageRollup rollup = new UsageRollup(
                its.start(),
                its.end(),
                its.granularity(),
                parts.get(GROUP),
                dimensions,
                revision,
                0L,
                0L,
                0L,
                0L,
                0L,
                0L,
                0L,
                0L,
                0L,
                0L,
                0L,
                0L,
                0L,
                0L,
                BigDecimal.ZERO,
                Map.of(),
                Map.of(),
                0L,
                lastAt,
                0L,
                0L,
                0L,
                Map.of(),
                Map.of(),
                0L,
                0L,
                Map.of(),
                Map.of());
        measures.copyTo(rollup);
        return rollup;
    }

    private static Window windowOf(List<String> parts) {
        return Window.around(
                Instant.parse(parts.get(WINDOW_START)), Granularity.valueOf(parts.get(GRANULARITY)), ZoneOffset.UTC);
    }

    static Serde<RollupSum> serde() {
        KnownTexts texts = new KnownTexts();
        return Serdes.serdeFrom(
                (topic, sum) -> sum == null ? null : sum.toBytes(),
                (topic, bytes) -> bytes == null ? null : of(bytes, texts));
    }

    private byte[] toBytes() {
        PackedWriter out = new PackedWriter(VERSION).number(names.size());
        names.forEach(out::text);
        out.number(revision).number(ChronoUnit.MICROS.between(Instant.EPOCH, lastAt));
        measures.write(out);
        return out.toBytes();
    }

    private static RollupSum of(byte[] bytes, KnownTexts texts) {
        PackedReader in = new PackedReader(bytes, VERSION, texts);
        int count = (int) in.number();
        List<String> names = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            names.add(in.text());
        }
        long revision = in.number();
        Instant lastAt = Instant.EPOCH.plus(in.number(), ChronoUnit.MICROS);
        return new RollupSum(names, Measures.read(in), revision, lastAt);
    }
}
