package dev.tokenmeter.aggregator;

import dev.tokenmeter.schemas.DurationBuckets;
import dev.tokenmeter.schemas.Money;
import dev.tokenmeter.schemas.Outcome;
import dev.tokenmeter.schemas.TokenKind;
import dev.tokenmeter.schemas.UsageCorrections;
import dev.tokenmeter.schemas.UsageEvent;
import dev.tokenmeter.schemas.UsageEvents;
import dev.tokenmeter.schemas.UsageRollup;
import dev.tokenmeter.schemas.UsageSource;
import java.math.BigDecimal;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.function.BinaryOperator;

/** What rollups sum: one event's, or the exact sum of many; the order of adding does not matter. Grows; one thread. */
final class Measures {
    private static final TokenKind[] KINDS = TokenKind.values();
    private static final int REQUESTS = 0;
    private static final int ERRORS = 1;
    private static final int UNPRICED_REQUESTS = 2;
    private static final int UNPRICED_TOKENS = 3;
    private static final int LATENCY_MS = 4;
    private static final int METERED_REQUESTS = 5;
    private static final int UNMETERED_REQUESTS = 6;
    private static final int FEE_REQUESTS = 7;
    private static final int ESTIMATED_REQUESTS = 8;
    private static final int ESTIMATED_TOKENS = 9;
    private static final int FIRST_KIND = 10;
    /** The field of the rollup that each counter fills. */
    private static final int[] POSITIONS = positions();

    private static final int COST_USD = position("cost_usd");
    private static final int COST_PARTS = position("cost_parts");
    private static final int UNITS = position("units");
    private static final int ERRORS_BY_CLASS = position("errors_by_class");
    private static final int LATENCIES = position("latency_ms_histogram");
    private static final int FIRST_TOKENS = position("time_to_first_token_ms_histogram");

    private final long[] counters;
    private Map<String, BigDecimal> costParts;
    private Map<String, BigDecimal> units;
    private Map<String, Long> errorsByClass;
    private Map<String, Long> latencies;
    private Map<String, Long> firstTokens;
    private BigDecimal costUsd;

    private Measures(
            long[] counters,
            BigDecimal costUsd,
            Map<String, BigDecimal> costParts,
            Map<String, BigDecimal> units,
            Map<String, Long> errorsByClass,
            Map<String, Long> latencies,
            Map<String, Long> firstTokens) {
        this.counters = counters;
        this.costUsd = costUsd;
        this.costParts = costParts;
        this.units = units;
        this.errorsByClass = errorsByClass;
        this.latencies = latencies;
        this.firstTokens = firstTokens;
    }

    private static int[] positions() {
        int[] positions = new int[FIRST_KIND + KINDS.length];
        positions[REQUESTS] = position("requests");
        positions[ERRORS] = position("errors");
        positions[UNPRICED_REQUESTS] = position("unpriced_requests");
        positions[UNPRICED_TOKENS] = position("unpriced_tokens");
        positions[LATENCY_MS] = position("latency_ms_sum");
        positions[METERED_REQUESTS] = position("metered_requests");
        positions[UNMETERED_REQUESTS] = position("unmetered_requests");
        positions[FEE_REQUESTS] = position("fee_requests");
        positions[ESTIMATED_REQUESTS] = position("estimated_requests");
        positions[ESTIMATED_TOKENS] = position("estimated_tokens");
        for (int i = 0; i < KINDS.length; i++) {
            positions[FIRST_KIND + i] = position(KINDS[i].field());
        }
        return positions;
    }

    private static int position(String field) {
        return UsageRollup.getClassSchema().getField(field).pos();
    }

    static Measures none() {
        return new Measures(new long[POSITIONS.length], Money.ZERO, Map.of(), Map.of(), Map.of(), Map.of(), Map.of());
    }

    /** What the event adds; a correction adds differences in cost only. */
    static Measures of(UsageEvent event) {
        long[] counters = new long[POSITIONS.length];
        int unpriced = UsageCorrections.unpricedAdded(event);
        counters[UNPRICED_REQUESTS] = unpriced;
        counters[UNPRICED_TOKENS] = unpriced == 0 ? 0 : unpriced * TokenKind.total(event);
        if (!UsageCorrections.isCorrection(event)) {
            counters[REQUESTS] = 1;
            counters[ERRORS] = event.getOutcome() == Outcome.completed ? 0 : 1;
            counters[LATENCY_MS] = event.getLatencyMs();
            counters[METERED_REQUESTS] = UsageEvents.isMetered(event) ? 1 : 0;
            counters[UNMETERED_REQUESTS] = UsageEvents.lacksUsage(event) ? 1 : 0;
            counters[FEE_REQUESTS] = UsageEvents.owesFee(event) ? 1 : 0;
            for (int i = 0; i < KINDS.length; i++) {
                counters[FIRST_KIND + i] = KINDS[i].of(event);
            }
            if (event.getUsageSource() == UsageSource.estimated) {
                counters[ESTIMATED_REQUESTS] = 1;
                counters[ESTIMATED_TOKENS] = TokenKind.total(event);
            }
        }
        BigDecimal usd = UsageCorrections.costAdded(event);
        Map<String, BigDecimal> parts = UsageCorrections.costPartsAdded(event);
        if (UsageCorrections.isCorrection(event)) {
            return new Measures(counters, usd, parts, Map.of(), Map.of(), Map.of(), Map.of());
        }
        Long firstToken = event.getTimeToFirstTokenMs();
        return new Measures(
                counters,
                usd,
                parts,
                event.getUnits(),
                one(UsageEvents.errorClass(event)),
                one(DurationBuckets.name(event.getLatencyMs())),
                one(firstToken == null ? null : DurationBuckets.name(firstToken)));
    }

    /** What a rollup states. */
    static Measures of(UsageRollup rollup) {
        long[] counters = new long[POSITIONS.length];
        for (int i = 0; i < counters.length; i++) {
            counters[i] = (long) rollup.get(POSITIONS[i]);
        }
        return new Measures(
                counters,
                rollup.getCostUsd(),
                new HashMap<>(rollup.getCostParts()),
                new HashMap<>(rollup.getUnits()),
                new HashMap<>(rollup.getErrorsByClass()),
                new HashMap<>(rollup.getLatencyMsHistogram()),
                new HashMap<>(rollup.getTimeToFirstTokenMsHistogram()));
    }

    private static Map<String, Long> one(String name) {
        return name == null ? Map.of() : Map.of(name, 1L);
    }

    void add(Measures more) {
        for (int i = 0; i < counters.length; i++) {
            counters[i] = Math.addExact(counters[i], more.counters[i]);
        }
        costUsd = costUsd.add(more.costUsd);
        costParts = sum(costParts, more.costParts, BigDecimal::add);
        units = sum(units, more.units, BigDecimal::add);
        errorsByClass = sum(errorsByClass, more.errorsByClass, Math::addExact);
        latencies = sum(latencies, more.latencies, Math::addExact);
        firstTokens = sum(firstTokens, more.firstTokens, Math::addExact);
    }

    /** In the first map, or a new one where that is empty: most sums have some of the maps only. */
    private static <V> Map<String, V> sum(Map<String, V> map, Map<String, V> more, BinaryOperator<V> adder) {
        if (more.isEmpty()) {
            return map;
        }
        Map<String, V> sum = map.isEmpty() ? new HashMap<>(more.size() * 2) : map;
        more.forEach((name, value) -> sum.merge(name, value, adder));
        return sum;
    }

    long requests() {
        return counters[REQUESTS];
    }

    /** Whether both state the same; what is zero may as well be absent. */
    boolean isSame(Measures other) {
        return Arrays.equals(counters, other.counters)
                && costUsd.compareTo(other.costUsd) == 0
                && isSame(costParts, other.costParts)
                && isSame(units, other.units)
                && isSame(errorsByClass, other.errorsByClass)
                && isSame(latencies, other.latencies)
                && isSame(firstTokens, other.firstTokens);
    }

    private static <N extends Number> boolean isSame(Map<String, N> a, Map<String, N> b) {
        return isWithin(a, b) && isWithin(b, a);
    }

    private static <N extends Number> boolean isWithin(Map<String, N> a, Map<String, N> b) {
        return a.entrySet().stream()
                .allMatch(entry -> decimal(entry.getValue()).compareTo(decimal(b.get(entry.getKey()))) == 0);
    }

    private static BigDecimal decimal(Number number) {
        return number == null
                ? BigDecimal.ZERO
                : number instanceof BigDecimal exact ? exact : BigDecimal.valueOf(number.longValue());
    }

    BigDecimal costUsd() {
        return costUsd;
    }

    /** Tokens of all kinds. */
    long tokens() {
        long tokens = 0;
        for (int i = FIRST_KIND; i < counters.length; i++) {
            tokens = Math.addExact(tokens, counters[i]);
        }
        return tokens;
    }

    void copyTo(UsageRollup rollup) {
        for (int i = 0; i < counters.length; i++) {
            rollup.put(POSITIONS[i], counters[i]);
        }
        rollup.put(COST_USD, costUsd);
        rollup.put(COST_PARTS, copy(costParts));
        rollup.put(UNITS, copy(units));
        rollup.put(ERRORS_BY_CLASS, copy(errorsByClass));
        rollup.put(LATENCIES, copy(latencies));
        rollup.put(FIRST_TOKENS, copy(firstTokens));
    }

    /** As the sum goes on after the rollup is told. */
    private static <V> Map<String, V> copy(Map<String, V> map) {
        return map.isEmpty() ? Map.of() : new HashMap<>(map);
    }

    void write(PackedWriter out) {
        for (long counter : counters) {
            out.number(counter);
        }
        out.money(costUsd)
                .map(costParts, PackedWriter::money)
                .map(units, PackedWriter::money)
                .map(errorsByClass, PackedWriter::number)
                .map(latencies, PackedWriter::number)
                .map(firstTokens, PackedWriter::number);
    }

    static Measures read(PackedReader in) {
        long[] counters = new long[POSITIONS.length];
        for (int i = 0; i < counters.length; i++) {
            counters[i] = in.number();
        }
        return new Measures(
                counters,
                in.money(),
                in.map(PackedReader::money),
                in.map(PackedReader::money),
                in.map(PackedReader::number),
                in.map(PackedReader::number),
                in.map(PackedReader::number));
    }
}
