package dev.tokenmeter.storage.query;

import dev.tokenmeter.schemas.DurationBuckets;

/**
 * Percentiles of durations: the middle of the {@link DurationBuckets bucket} into which the percentile falls, the same over
 * events as over rollups. Null where there is no duration, and where rollups from before there were histograms are among
 * those that are asked.
 */
final class Percentiles {
    private Percentiles() {}

    static Metric latency(int percent) {
        String overRollups = ofHistogram("latency_ms_histogram", percent);
        return metric(
                "latency_ms",
                percent,
                ofColumn("latency_ms", percent),
                "if(arraySum(mapValues(sumMap(latency_ms_histogram))) != sum(requests), NULL, " + overRollups + ")");
    }

    static Metric timeToFirstToken(int percent) {
        return metric(
                "time_to_first_token_ms",
                percent,
                ofColumn("time_to_first_token_ms", percent),
                ofHistogram("time_to_first_token_ms_histogram", percent));
    }

    private static Metric metric(String name, int percent, String overEvents, String overRollups) {
        return new Metric(name + "_p" + percent, Metric.Unit.MILLISECONDS, overEvents, overRollups);
    }

    private static String ofColumn(String column, int percent) {
        String value = "toInt64(greatest(ifNull(" + column + ", 0), 0))";
        String lowest = "if(" + value + " < " + DurationBuckets.EXACT_BELOW + ", " + value
                + ", bitShiftLeft(bitShiftRight(" + value + ", " + shift(value) + "), " + shift(value) + "))";
        String quantile =
                "quantileExactWeightedIf(" + level(percent) + ")(" + lowest + ", 1, isNotNull(" + column + "))";
        return "if(count(" + column + ") = 0, NULL, " + middle(quantile) + ")";
    }

    private static String ofHistogram(String column, int percent) {
        String sum = "sumMap(" + column + ")";
        String quantile = "arrayReduce('quantileExactWeighted(" + level(percent)
                + ")', arrayMap(bucket -> toInt64(bucket), mapKeys(" + sum
                + ")), arrayMap(events -> toUInt64(events), mapValues("
                + sum + ")))";
        return "if(empty(mapKeys(" + sum + ")), NULL, " + middle(quantile) + ")";
    }

    private static String level(int percent) {
        return "0." + percent;
    }

    private static String middle(String lowest) {
        return lowest + " + if(" + lowest + " < " + DurationBuckets.EXACT_BELOW + ", 0, bitShiftLeft(toInt64(1), "
                + power(lowest, DurationBuckets.BITS + 1) + "))";
    }

    private static String shift(String value) {
        return power(value, DurationBuckets.BITS);
    }

    /** The power of two that a value reaches, less some. */
    private static String power(String value, int less) {
        return "toUInt8(floor(log2(greatest(" + value + ", " + DurationBuckets.EXACT_BELOW + "))) - " + less + ")";
    }
}
