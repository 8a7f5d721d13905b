package dev.tokenmeter.pricefeed.update;

import java.time.Instant;
import java.util.List;

/**
 * How the polling of a list stands.
 *
 * @param from where the list is had from, without secrets
 * @param attemptedAt the last look; null before the first
 * @param succeededAt the last look that was of use; null before
 * @param error why the last look was of no use; null if it was
 * @param prices in the list as it was last read
 * @param unread entries of it that could not be read
 * @param taken what the last change of the list brought
 * @param held what waits for a person
 * @param dismissed what is held back and nobody waits for
 * @param leads whether this process is the one that records changes
 */
public record UpdateReport(
        String from,
        Instant attemptedAt,
        Instant succeededAt,
        String error,
        int prices,
        int unread,
        List<Change> taken,
        List<Held> held,
        List<Held> dismissed,
        boolean leads) {
    /**
     * A change.
     *
     * @param priceId the price's id in the list
     * @param what in words
     */
    public record Change(String priceId, String what) {}

    /**
     * A change that is held back.
     *
     * @param priceId the price's id in the list
     * @param reason why
     * @param acceptable whether it can be accepted; what could not be read cannot
     */
    public record Held(String priceId, String reason, boolean acceptable) {}
}
