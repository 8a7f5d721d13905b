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
        return UsageEvent.newBuilder(priced)
                .setRevision(current.getRevision() + 1)
                .setCorrectedAt(at.truncatedTo(ChronoUnit.MICROS))
                .setCorrectedBy(by)
                .setCorrectionReason(reason)
                .setCostUsdBefore(current.getCostUsd())
                .setCostPartsBefore(current.getCostParts())
                .setPriceIdBefore(current.getPriceId())
                .build();
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
        return correction.getCostUsdBefore() == null
                && UsageEvents.isUnpriced(
                        UsageEvent.newBuilder(correction).setCostUsd(null).build());
    }

    private static BigDecimal orZero(BigDecimal cost) {
        return cost == null ? Money.ZERO : cost;
    }
}
