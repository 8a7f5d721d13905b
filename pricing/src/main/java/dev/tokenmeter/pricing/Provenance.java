package dev.tokenmeter.pricing;

import java.time.Instant;

/**
 * Where a price is from.
 *
 * @param source {@value #API} for what an operator set, otherwise the name of the list that it was read from
 * @param recordedAt when it was written down
 * @param recordedBy who wrote it; empty where not known
 * @param note for people; may be empty
 */
public record Provenance(String source, Instant recordedAt, String recordedBy, String note) {
    /** Source of what an operator set through the API. */
    public static final String API = "api";

    /** Of a list, and nothing more is known. */
    public static Provenance of(String source) {
        return new Provenance(source, Instant.EPOCH, "", "");
    }
}
