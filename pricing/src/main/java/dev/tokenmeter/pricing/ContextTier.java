package dev.tokenmeter.pricing;

/**
 * Rates of a call with a long input. Providers apply them to the whole call, not only to the tokens beyond the edge. What
 * a tier does not list costs as below it; one that lists nothing leaves its calls unpriced, for a list may know no more.
 *
 * @param fromInputTokens the tier holds from this number of input tokens on, cached ones included; a provider's "above
 *     200,000" is 200,001
 * @param rates rates of the tier, in the price's currency
 */
public record ContextTier(long fromInputTokens, Rates rates) {
    public ContextTier {
        if (fromInputTokens < 1) {
            throw new InvalidPriceException("from_input_tokens", fromInputTokens, "a whole number above 0");
        }
    }
}
