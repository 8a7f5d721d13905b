package dev.tokenmeter.aggregator.anomaly;

import java.time.Instant;

/**
 * Since when a subject has figures, and until when.
 *
 * @param first start of its first slot
 * @param last start of its last slot
 */
public record Known(Instant first, Instant last) {
    Known with(Instant slot) {
        return new Known(slot.isBefore(first) ? slot : first, slot.isAfter(last) ? slot : last);
    }
}
