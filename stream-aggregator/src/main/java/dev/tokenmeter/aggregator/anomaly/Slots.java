package dev.tokenmeter.aggregator.anomaly;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;

/** The shortest stretches of time that are told apart. Every time zone's hours begin with one. */
public final class Slots {
    /** Of a slot. */
    public static final Duration LENGTH = Duration.ofMinutes(5);

    private Slots() {}

    /** The start of the slot in which the instant lies. */
    public static Instant of(Instant at) {
        long second = at.getEpochSecond();
        return Instant.ofEpochSecond(second - Math.floorMod(second, LENGTH.toSeconds()));
    }

    /** The start of the hour, UTC, in which the instant lies. */
    static Instant hourOf(Instant at) {
        return at.truncatedTo(ChronoUnit.HOURS);
    }

    /** The start of the hour by the zone's clocks in which the instant lies. */
    static Instant hourOf(Instant at, ZoneId zone) {
        return at.atZone(zone).truncatedTo(ChronoUnit.HOURS).toInstant();
    }
}
