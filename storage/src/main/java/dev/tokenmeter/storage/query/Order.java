package dev.tokenmeter.storage.query;

/**
 * One key to sort by.
 *
 * @param by a metric or dimension of the query
 * @param descending largest first
 */
public record Order(By by, boolean descending) {
    /** What a query can be sorted by. */
    public sealed interface By {}

    /** A figure of the query. */
    public record ByMetric(Metric metric) implements By {}

    /** A dimension that the query groups by. */
    public record ByDimension(Dimension dimension) implements By {}

    /** The start of the window. */
    public record ByWindow() implements By {}
}
