package dev.tokenmeter.storage.query;

import dev.tokenmeter.schemas.PricingClass;
import dev.tokenmeter.schemas.TokenKind;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * What some calls used together, which prices treat alike.
 *
 * @param window start of their window; null where windows are not told apart
 * @param dimensions values of what is kept apart
 * @param from none of them ended before
 * @param until all of them ended before
 * @param tenant whose they are, if its calls are kept apart; else empty
 * @param model what answered them
 * @param pricingClass what else prices depend on; null where it is not known
 * @param allNamed whether {@code pricingClass} names every quantity above zero, and each of the calls used each of them
 * @param requests how many they are
 * @param meteredRequests those that used something
 * @param unmeteredRequests those that may have and of which no usage came
 * @param feeRequests those that owe a fee per call
 * @param unpricedRequests those that have no cost
 * @param tokens by kind; those above zero
 * @param units by name
 * @param costUsd what they cost, as far as known
 * @param latest when the last of them ended
 */
public record Quantities(
        Instant window,
        List<String> dimensions,
        Instant from,
        Instant until,
        String tenant,
        QuantityQuery.Model model,
        PricingClass pricingClass,
        boolean allNamed,
        long requests,
        long meteredRequests,
        long unmeteredRequests,
        long feeRequests,
        long unpricedRequests,
        Map<TokenKind, Long> tokens,
        Map<String, BigDecimal> units,
        BigDecimal costUsd,
        Instant latest) {
    /** Tokens of all kinds. */
    public long totalTokens() {
        return tokens.values().stream().mapToLong(Long::longValue).sum();
    }
}
