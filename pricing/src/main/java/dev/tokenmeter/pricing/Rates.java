package dev.tokenmeter.pricing;

import dev.tokenmeter.schemas.TokenKind;
import java.math.BigDecimal;
import java.util.EnumMap;
import java.util.Map;

/**
 * What each quantity costs under one price.
 *
 * @param usdPerMillionTokens USD per 1,000,000 tokens; a kind that is absent is not priced, which differs from zero
 * @param usdPerUnit USD for one of each other unit, by the name that it has in {@code UsageEvent.units}
 */
public record Rates(Map<TokenKind, BigDecimal> usdPerMillionTokens, Map<String, BigDecimal> usdPerUnit) {
    public Rates {
        usdPerMillionTokens = Map.copyOf(withReasoning(usdPerMillionTokens));
        usdPerUnit = Map.copyOf(usdPerUnit);
    }

    /**
     * Providers bill reasoning tokens as output tokens unless they list another rate
     * (<a href="https://platform.openai.com/docs/guides/reasoning">OpenAI</a>,
     * <a href="https://docs.claude.com/en/docs/build-with-claude/extended-thinking">Anthropic</a>,
     * <a href="https://api-docs.deepseek.com/quick_start/pricing">DeepSeek</a>).
     */
    private static Map<TokenKind, BigDecimal> withReasoning(Map<TokenKind, BigDecimal> rates) {
        BigDecimal output = rates.get(TokenKind.TEXT_OUTPUT);
        if (output == null || rates.containsKey(TokenKind.REASONING_OUTPUT)) {
            return rates;
        }
        Map<TokenKind, BigDecimal> complete = new EnumMap<>(rates);
        complete.put(TokenKind.REASONING_OUTPUT, output);
        return complete;
    }
}
