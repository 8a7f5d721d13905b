package dev.tokenmeter.pricing;

/**
 * Rates of a call with a long context. Providers apply them to the whole call, not only to the tokens above the edge.
 *
 * @param aboveInputTokens the tier holds when all input tokens together exceed this number
 * @param rates rates of the tier
 */
public record ContextTier(long aboveInputTokens, Rates rates) {}
