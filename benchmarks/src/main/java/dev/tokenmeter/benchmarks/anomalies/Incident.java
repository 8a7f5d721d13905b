package dev.tokenmeter.benchmarks.anomalies;

import java.time.Instant;

/**
 * Something that is out of the ordinary, as it was put into the traffic.
 *
 * @param of the source that it hits: of a spike and a silence its feature, of a loop and a leak its key, of a price jump its
 *     model
 * @param strength how many times as much
 */
record Incident(Kind kind, Source of, Instant start, Instant end, double strength) {
    boolean isOn(Instant at) {
        return !at.isBefore(start) && at.isBefore(end);
    }

    boolean hits(Source source) {
        return switch (kind) {
            case SPIKE, SILENCE -> source.feature().equals(of.feature());
            case LOOP, LEAK -> source == of;
            case PRICE_JUMP -> source.model().equals(of.model());
        };
    }
}
