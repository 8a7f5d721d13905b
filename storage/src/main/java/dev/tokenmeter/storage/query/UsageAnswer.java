package dev.tokenmeter.storage.query;

import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;

/**
 * An answer to a {@link UsageQuery}.
 *
 * @param query what was asked
 * @param rows in the order asked for
 * @param source where the figures come from
 * @param asOf when the latest event that is counted occurred; null where there is none
 * @param truncated whether the limit cut rows off
 */
public record UsageAnswer(UsageQuery query, List<Row> rows, Source source, Instant asOf, boolean truncated) {
    /** Where figures come from. Both agree; rollups are quicker. */
    public enum Source {
        EVENTS,
        ROLLUPS
    }

    /**
     * One row.
     *
     * @param windowStart null without windows
     * @param dimensions values of the query's dimensions, in their order
     * @param figures of the query's metrics, in their order; null where there is nothing to divide by or
     *     no cost is known
     */
    public record Row(Instant windowStart, List<String> dimensions, List<BigDecimal> figures) {}

    /** The figure of one metric of the query. */
    public BigDecimal figure(Row row, Metric metric) {
        return row.figures().get(query.metrics().indexOf(metric));
    }
}
