package dev.tokenmeter.aggregator;

import dev.tokenmeter.schemas.TokenKind;
import dev.tokenmeter.schemas.UsageCorrections;
import dev.tokenmeter.schemas.UsageEvent;
import dev.tokenmeter.service.deadletter.Replays;
import dev.tokenmeter.service.streams.Decoded;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.apache.kafka.streams.processor.api.ContextualFixedKeyProcessor;
import org.apache.kafka.streams.processor.api.FixedKeyRecord;

/**
 * Refuses events that must not be counted: those that come later than their windows are kept ({@code late}), and those
 * whose figures no provider could have meant, which would overflow a sum or a record's size further down, where nothing
 * can be refused any more ({@code invalid}).
 */
final class EventGate extends ContextualFixedKeyProcessor<byte[], Decoded<UsageEvent>, Decoded<UsageEvent>> {
    static final String LATE = "late";
    static final String INVALID = "invalid";

    private static final Instant FIRST = Instant.EPOCH;
    private static final Instant END = Instant.parse("9999-01-01T00:00:00Z");
    private static final long MAX_QUANTITY = 1_000_000_000_000L;
    private static final BigDecimal MAX_USD = BigDecimal.valueOf(MAX_QUANTITY);
    private static final int MAX_NAME_CHARS = 1024;
    private static final int MAX_COST_PARTS = 64;

    private final long lateAfterMs;
    private final long correctableForMs;
    private final long acceptableForMs;
    private final List<Dimension> dimensions;

    /**
     * @param dedupeHorizon how late an event may be by the operator's word: for so long it is known whether it was counted
     * @param dimensions whose values are kept, and so must not be too long
     */
    EventGate(Duration lateAfter, Duration dedupeHorizon, Duration correctableFor, List<Dimension> dimensions) {
        this.lateAfterMs = lateAfter.toMillis();
        this.correctableForMs = correctableFor.toMillis();
        this.acceptableForMs = Math.min(dedupeHorizon.toMillis(), correctableForMs);
        this.dimensions = List.copyOf(dimensions);
    }

    @Override
    public void process(FixedKeyRecord<byte[], Decoded<UsageEvent>> record) {
        Decoded<UsageEvent> decoded = record.value();
        if (decoded instanceof Decoded.Usable<UsageEvent> usable) {
            decoded = judge(usable, Replays.accepts(record.headers(), LATE));
        }
        context().forward(record.withValue(decoded));
    }

    private Decoded<UsageEvent> judge(Decoded.Usable<UsageEvent> usable, boolean acceptLate) {
        if (usable.value() == null) {
            return usable.rejected(INVALID, "no value");
        }
        UsageEvent event = usable.value();
        String problem = problem(event);
        if (problem != null) {
            return usable.rejected(INVALID, problem);
        }
        if (UsageCorrections.isCorrection(event)) {
            return inTime(usable, correctableForMs, "stream-aggregator.correctable-for");
        }
        return acceptLate
                ? inTime(usable, acceptableForMs, "stream-aggregator.dedupe-horizon; a rebuild counts it")
                : inTime(usable, lateAfterMs, "stream-aggregator.late-after");
    }

    private Decoded<UsageEvent> inTime(Decoded.Usable<UsageEvent> usable, long patienceMs, String setting) {
        Instant occurredAt = usable.value().getOccurredAt();
        long watermark = Watermark.of(context());
        return occurredAt.toEpochMilli() >= watermark - patienceMs
                ? usable
                : usable.rejected(
                        LATE,
                        "occurred at " + occurredAt + ", more than " + Duration.ofMillis(patienceMs) + " (" + setting
                                + ") before " + Instant.ofEpochMilli(watermark));
    }

    /** What makes the event unusable; null if nothing does. */
    String problem(UsageEvent event) {
        if (event.getOccurredAt().isBefore(FIRST) || !event.getOccurredAt().isBefore(END)) {
            return "occurred_at is not between " + FIRST + " and " + END;
        }
        for (TokenKind kind : TokenKind.values()) {
            if (isTooMuch(kind.of(event))) {
                return kind.field() + " is " + kind.of(event) + ", beyond " + MAX_QUANTITY;
            }
        }
        if (isTooMuch(event.getLatencyMs())) {
            return "latency_ms is " + event.getLatencyMs() + ", beyond " + MAX_QUANTITY;
        }
        if (isTooMuch(event.getCostUsd()) || isTooMuch(event.getCostUsdBefore())) {
            return "cost_usd or cost_usd_before is beyond " + MAX_USD;
        }
        return problemWithNames(event);
    }

    private String problemWithNames(UsageEvent event) {
        for (Dimension dimension : dimensions) {
            if (dimension.valueIn(event).length() > MAX_NAME_CHARS) {
                return dimension.name() + " is longer than " + MAX_NAME_CHARS + " characters";
            }
        }
        if (event.getGatewayRun().length() > MAX_NAME_CHARS) {
            return "gateway_run is longer than " + MAX_NAME_CHARS + " characters";
        }
        if (event.getCostParts().size() > MAX_COST_PARTS
                || event.getCostPartsBefore().size() > MAX_COST_PARTS) {
            return "more than " + MAX_COST_PARTS + " cost_parts or cost_parts_before";
        }
        return null;
    }

    private static boolean isTooMuch(BigDecimal usd) {
        return usd != null && usd.abs().compareTo(MAX_USD) > 0;
    }

    private static boolean isTooMuch(long quantity) {
        return quantity > MAX_QUANTITY || quantity < -MAX_QUANTITY;
    }
}
