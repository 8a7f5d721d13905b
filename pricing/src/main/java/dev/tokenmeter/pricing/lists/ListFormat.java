package dev.tokenmeter.pricing.lists;

/** How a price list is written. */
public enum ListFormat {
    /** Whichever it turns out to be. */
    AUTO,
    /** Ours, as docs/pricing.md describes it. */
    TOKENMETER,
    /** LiteLLM's {@code model_prices_and_context_window.json}. */
    LITELLM,
    /** genai-prices' {@code data.json}. */
    GENAI_PRICES
}
