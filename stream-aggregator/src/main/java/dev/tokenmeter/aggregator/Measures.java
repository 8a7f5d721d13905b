package dev.tokenmeter.aggregator;

import dev.tokenmeter.schemas.Money;
import dev.tokenmeter.schemas.Outcome;
import dev.tokenmeter.schemas.TokenKind;
import dev.tokenmeter.schemas.UsageCorrections;
import dev.tokenmeter.schemas.UsageEvent;
import dev.tokenmeter.schemas.UsageEvents;
import dev.tokenmeter.schemas.UsageRollup;
import java.math.BigDecimal;
import java.util.HashMap;
import java.util.Map;

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
    private static final int FIRST_KIND = 8;
    /** The field of the rollup that each counter fills. */
    private static final int[] POSITIONS = positions();

    private static final int COST_USD = position("cost_usd");
    private static final int COST_PARTS = position("cost_parts");
    private static final int UNITS = position("units");

    private final long[] counters;
    private final Map<String, BigDecimal> costParts;
    private final Map<String, BigDecimal> units;
    private BigDecimal costUsd;

    private Measures(
            long[] counters, BigDecimal costUsd, Map<String, BigDecimal> costParts, Map<String, BigDecimal> units) {
        this.counters = counters;
        this.costUsd = costUsd;
        this.costParts = costParts;
        this.units = units;
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
        for (int i = 0; i < KINDS.length; i++) {
            positions[FIRST_KIND + i] = position(KINDS[i].field());
        }
        return positions;
    }

    private static int position(String field) {
        return UsageRollup.getClassSchema().getField(field).pos();
    }

    static Measures none() {
        return new Measures(new long[POSITIONS.length], Money.ZERO, new HashMap<>(), new HashMap<>());
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
        }
        return new Measures(
                counters,
                UsageCorrections.costAdded(event),
                UsageCorrections.costPartsAdded(event),
                UsageCorrections.isCorrection(event) ? Map.of() : event.getUnits());
    }

    void add(Measures more) {
        for (int i = 0; i < counters.length; i++) {
            counters[i] = Math.addExact(counters[i], more.counters[i]);
        }
        costUsd = costUsd.add(more.costUsd);
        more.costParts.forEach((part, usd) -> costParts.merge(part, usd, BigDecimal::add));
        more.units.forEach((unit, quantity) -> units.merge(unit, quantity, BigDecimal::add));
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
        rollup.put(COST_PARTS, new HashMap<>(costParts));
        rollup.put(UNITS, new HashMap<>(units));
    }

    void write(PackedWriter out) {
        for (long counter : counters) {
            out.number(counter);
        }
        out.money(costUsd).map(costParts, PackedWriter::money).map(units, PackedWriter::money);
    }

    static Measures read(PackedReader in) {
        long[] counters = new long[POSITIONS.length];
        for (int i = 0; i < counters.length; i++) {
            counters[i] = in.number();
        }
        return new Measures(counters, in.money(), in.map(PackedReader::money), in.map(PackedReader::money));
    }
}
