package dev.tokenmeter.gateway.cap;

import java.math.BigDecimal;

/**
 * What a call may use at most, as far as its request tells.
 *
 * @param usd null where no price is known
 */
record WorstCase(BigDecimal usd, long tokens) {
    /** For calls of which nothing can be told. */
    static final WorstCase UNKNOWN = new WorstCase(null, 0);
}
