package dev.tokenmeter.queryapi.whatif;

import dev.tokenmeter.queryapi.whatif.Scenario.Quote;
import java.math.BigDecimal;

/** What is known of the supposed cost of some calls. */
sealed interface Verdict {
    /**
     * They would have cost this much.
     *
     * @param usd exact
     * @param quote the price
     * @param movedTokens tokens of kinds that the price has no rate for, counted as plain input
     */
    record Known(BigDecimal usd, Quote quote, long movedTokens) implements Verdict {}

    /**
     * No price is known for any of them that used something.
     *
     * @param reason for people
     */
    record Unpriced(String reason) implements Verdict {}

    /** They were not priced alike: they have to be told apart first. */
    record Undecided() implements Verdict {}
}
