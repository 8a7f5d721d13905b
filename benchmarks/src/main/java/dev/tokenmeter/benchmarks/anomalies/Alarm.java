package dev.tokenmeter.benchmarks.anomalies;

import java.time.Instant;

/** That people are told. */
record Alarm(String rule, String id, Instant at) {
    /** Whether that is about the incident: during it, or, of rules about a day, on a day of it. */
    boolean isAbout(Incident incident) {
        boolean silent = rule.equals("silent_source");
        Instant until = incident.end().plusSeconds(2 * 3600);
        return silent == (incident.kind() == Kind.SILENCE) && !at.isBefore(incident.start()) && at.isBefore(until);
    }
}
