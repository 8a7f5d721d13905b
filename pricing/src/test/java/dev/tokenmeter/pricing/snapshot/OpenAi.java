package dev.tokenmeter.pricing.snapshot;

import dev.tokenmeter.pricing.Price;
import dev.tokenmeter.pricing.Rates;
import dev.tokenmeter.schemas.TokenKind;
import java.math.BigDecimal;
import java.util.List;
import java.util.Map;

/**
 * OpenAI lists its tools once for all models (https://platform.openai.com/docs/pricing, "Built-in tools"): 10 USD for 1,000
 * web searches, 2.50 for 1,000 file searches, 0.03 for a container. A model that is listed with a price of its own keeps it.
 */
final class OpenAi {
    private static final Rates TOOLS = new Rates(
            Map.of(),
            Map.of(
                    "web_search_requests", new BigDecimal("0.01"),
                    "file_search_requests", new BigDecimal("0.0025"),
                    "code_interpreter_sessions", new BigDecimal("0.03")));

    private OpenAi() {}

    static List<Price> completed(List<Price> prices) {
        return prices.stream()
                .map(price -> usesTools(price)
                        ? Copies.of(
                                price,
                                price.names(),
                                price.validity(),
                                price.rates().over(TOOLS))
                        : price)
                .toList();
    }

    private static boolean usesTools(Price price) {
        boolean searchModel = price.names().first().contains("search");
        return !searchModel && price.rates().perMillionTokens().containsKey(TokenKind.TEXT_OUTPUT);
    }
}
