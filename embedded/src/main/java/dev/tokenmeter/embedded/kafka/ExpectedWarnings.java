package dev.tokenmeter.embedded.kafka;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.turbo.TurboFilter;
import ch.qos.logback.core.spi.FilterReply;
import java.util.List;
import org.slf4j.Marker;

/**
 * Drops the warnings that a Kafka broker writes when nothing is wrong, by their text and not by their logger, so that
 * every other warning of the same class is still seen. Name it in {@code logback.xml}:
 *
 * <pre>{@code <turboFilter class="dev.tokenmeter.embedded.kafka.ExpectedWarnings"/>}</pre>
 *
 * <p>Safe for use by several threads.
 */
public final class ExpectedWarnings extends TurboFilter {
    private static final List<String> EXPECTED = List.of(
            // Every start.
            "Performing controller activation.",
            // Every stop: the broker closes its link to its own controller twice.
            "Attempting to close NetworkClient that has already been closed.",
            // A start after kill -9: what the recovery then finds is what it is for.
            "was not shut down cleanly");

    /** For logback. */
    public ExpectedWarnings() {}

    @Override
    public FilterReply decide(
            Marker marker, Logger logger, Level level, String format, Object[] params, Throwable thrown) {
        if (level != Level.WARN || format == null || !logger.getName().startsWith("org.apache.kafka.")) {
            return FilterReply.NEUTRAL;
        }
        return EXPECTED.stream().anyMatch(format::contains) ? FilterReply.DENY : FilterReply.NEUTRAL;
    }
}
