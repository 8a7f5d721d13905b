package dev.tokenmeter.aggregator.anomaly;

import java.math.BigDecimal;
import java.time.Instant;

/**
 * That a rule is broken.
 *
 * @param observed what was seen in the window
 * @param expected what the rule compares with; tokens and requests are null where the rule is not about them
 * @param factor the multiple of what is expected that the rule allows
 * @param since since when it is out of the ordinary
 * @param start of the window, inclusive
 * @param end of the window, exclusive
 */
record Finding(Amount observed, Expected expected, BigDecimal factor, Instant since, Instant start, Instant end) {
    /** Unlike an amount, it may know of nothing but spend. */
    record Expected(BigDecimal usd, Long tokens, Long requests) {
        static Expected ofSpend(BigDecimal usd) {
            return new Expected(usd, null, null);
        }
    }
}
