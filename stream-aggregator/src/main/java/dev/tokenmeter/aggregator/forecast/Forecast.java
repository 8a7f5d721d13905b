package dev.tokenmeter.aggregator.forecast;

import java.time.Instant;
import java.util.Optional;

/**
 * What will be spent, in the budget's unit.
 *
 * @param expected by the end of the period; never less than what is spent
 * @param low it will be more with a probability of nine in ten
 * @param high it will be less with a probability of nine in ten
 * @param exhaustedAt when the limit will be reached; empty for not by then
 */
public record Forecast(double expected, double low, double high, Optional<Instant> exhaustedAt) {
    private static final double NEWS = 0.005;
    private static final double NEWS_OF_INTERVAL = 0.05;

    /** Whether all of it are numbers; amounts beyond floating point are none. */
    public boolean isFinite() {
        return Double.isFinite(expected) && Double.isFinite(low) && Double.isFinite(high);
    }

    /** Whether it says other amounts, not just nearly the same. */
    public boolean isNews(Forecast before) {
        return differs(expected, before.expected, NEWS)
                || differs(low, before.low, NEWS_OF_INTERVAL)
                || differs(high, before.high, NEWS_OF_INTERVAL);
    }

    private static boolean differs(double one, double other, double by) {
        return Math.abs(one - other) > by * Math.max(Math.abs(one), Math.abs(other));
    }
}
