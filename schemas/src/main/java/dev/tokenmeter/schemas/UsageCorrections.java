package dev.tokenmeter.schemas;

import java.math.BigDecimal;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.Map;

/**
 * Corrections of what events cost. A correction is the whole event again under the same {@code event_id}, its
 * {@code revision} one higher, its new cost in place and the old one beside it; so whoever keeps events replaces one by the
 * other, and whoever keeps sums adds the difference, which is exact because both costs stand in the same record.
 */
public final class UsageCorrections {
    private static final int REVISION = UsageEvents.position("revision");
    private static final int CORRECTED_AT = UsageEvents.position("corrected_at");
    private static final int CORRECTED_BY = UsageEvents.position("corrected_by");
    private static final int CORRECTION_REASON = UsageEvents.position("correction_reason");
    private static final int COST_USD_BEFORE = UsageEvents.position("cost_usd_before");
    private static final int COST_PARTS_BEFORE = UsageEvents.position("cost_parts_before");
    private static final int PRICE_ID_BEFORE = UsageEvents.position("price_id_before");

    private UsageCorrections() {}

    /**
     * The correction that gives an event another cost.
     *
     * @param current the event as it was last told, by its highest revision
     * @param priced the same with the new {@code cost_usd}, {@code cost_parts} and {@code price_id}
     * @param by who corrects
     * @param reason why
     */
    public static UsageEvent correct(UsageEvent current, UsageEvent priced, Instant at, String by, String reason) {
        UsageEvent correction = UsageEvents.copyOf(priced);
        correction.put(REVISION, current.getRevision() + 1);
        correction.put(CORRECTED_AT, at.truncatedTo(ChronoUnit.MICROS));
        correction.put(CORRECTED_BY, by);
        correction.put(CORRECTION_REASON, reason);
        correction.put(COST_USD_BEFORE, current.getCostUsd());
        correction.put(COST_PARTS_BEFORE, current.getCostParts());
        correction.put(PRICE_ID_BEFORE, current.getPriceId());
        return correction;
    }

    /** A corrected event as if it had been told so at first: what it adds to sums is then all of it. */
    public static UsageEvent asFirstTold(UsageEvent event) {
        if (!isCorrection(event)) {
            return event;
        }
        UsageEvent first = UsageEvents.copyOf(event);
        first.put(REVISION, 0);
        first.put(COST_USD_BEFORE, null);
        first.put(COST_PARTS_BEFORE, Map.of());
        return first;
    }

    /** Whether the record corrects an event that was told before. */
    public static boolean isCorrection(UsageEvent event) {
        return event.getRevision() > 0;
    }

    /** What the record adds to every sum of costs that the event is part of, USD; negative where a correction lowers it. */
    public static BigDecimal costAdded(UsageEvent event) {
        return orZero(event.getCostUsd()).subtract(orZero(event.getCostUsdBefore()));
    }

    /** The same by part; parts that do not change are left out. */
    public static Map<String, BigDecimal> costPartsAdded(UsageEvent event) {
        Map<String, BigDecimal> added = new HashMap<>(event.getCostParts());
        event.getCostPartsBefore().forEach((part, cost) -> added.merge(part, cost.negate(), BigDecimal::add));
        added.values().removeIf(cost -> cost.signum() == 0);
        return added;
    }

    /** What the record adds to the count of events without a price: 1, 0, or -1 where a correction brings the price. */
    public static int unpricedAdded(UsageEvent event) {
        int now = UsageEvents.isUnpriced(event) ? 1 : 0;
        return now - (isCorrection(event) && wasUnpriced(event) ? 1 : 0);
    }

    private static boolean wasUnpriced(UsageEvent correction) {
        return correction.getCostUsdBefore() == null && UsageEvents.mayCost(correction);
    }

    private static BigDecimal orZero(BigDecimal cost) {
        return cost == null ? Money.ZERO : cost;
    }
}
