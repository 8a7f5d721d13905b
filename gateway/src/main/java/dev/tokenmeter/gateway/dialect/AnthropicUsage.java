package dev.tokenmeter.gateway.dialect;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tokenmeter.schemas.TokenKind;
import java.math.BigDecimal;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;

/**
 * Anthropic's usage object in Tokenmeter's buckets.
 *
 * <p>{@code input_tokens} excludes what was read from or written to the cache; {@code cache_creation} splits the writes by
 * lifetime, and what it leaves of {@code cache_creation_input_tokens} lives five minutes
 * (<a href="https://docs.anthropic.com/en/docs/build-with-claude/prompt-caching">prompt caching</a>). The top-level
 * counts leave out compaction, whose counts stand in {@code iterations} and are billed at the same rates
 * (<a href="https://docs.anthropic.com/en/docs/build-with-claude/compaction">compaction</a>); an advisor's counts stand
 * there too, billed at the rates of its own model, so they become units rather than tokens of this one. Server tools are
 * billed per use (<a href="https://docs.anthropic.com/en/docs/agents-and-tools/tool-use/web-search-tool">web search</a>).
 */
final class AnthropicUsage {
    private AnthropicUsage() {}

    /** Whether it counts a call's tokens: other servers' usage objects have other names. */
    static boolean hasCounts(JsonNode usage) {
        return usage.path("input_tokens").isNumber()
                || usage.path("output_tokens").isNumber()
                || usage.path("cache_read_input_tokens").isNumber()
                || usage.path("cache_creation_input_tokens").isNumber();
    }

    /** Disjoint counts. */
    static Map<TokenKind, Long> tokens(JsonNode usage) {
        Map<TokenKind, Long> tokens = new EnumMap<>(TokenKind.class);
        add(usage, tokens);
        for (JsonNode iteration : usage.path("iterations")) {
            if (iteration.path("type").asText().equals("compaction")) {
                add(iteration, tokens);
            }
        }
        return tokens;
    }

    private static void add(JsonNode counts, Map<TokenKind, Long> tokens) {
        JsonNode split = counts.path("cache_creation");
        long hour = Counts.of(split, "ephemeral_1h_input_tokens");
        long written = Math.max(
                Counts.of(counts, "cache_creation_input_tokens"), hour + Counts.of(split, "ephemeral_5m_input_tokens"));
        long output = Counts.of(counts, "output_tokens");
        long thinking = Math.min(output, Counts.of(counts.path("output_tokens_details"), "thinking_tokens"));
        tokens.merge(TokenKind.UNCACHED_INPUT, Counts.of(counts, "input_tokens"), Long::sum);
        tokens.merge(TokenKind.CACHE_READ_INPUT, Counts.of(counts, "cache_read_input_tokens"), Long::sum);
        tokens.merge(TokenKind.CACHE_WRITE_5M_INPUT, written - hour, Long::sum);
        tokens.merge(TokenKind.CACHE_WRITE_1H_INPUT, hour, Long::sum);
        tokens.merge(TokenKind.TEXT_OUTPUT, output - thinking, Long::sum);
        tokens.merge(TokenKind.REASONING_OUTPUT, thinking, Long::sum);
    }

    /** Uses of server tools by name ({@code web_search_requests}), and an advisor's tokens. */
    static Map<String, BigDecimal> units(JsonNode usage) {
        Map<String, BigDecimal> units = new HashMap<>();
        usage.path("server_tool_use").properties().forEach(tool -> put(units, tool.getKey(), tool.getValue()));
        for (JsonNode iteration : usage.path("iterations")) {
            if (iteration.path("type").asText().equals("advisor_message")) {
                put(units, "advisor_input_tokens", iteration.path("input_tokens"));
                put(units, "advisor_output_tokens", iteration.path("output_tokens"));
            }
        }
        return units;
    }

    private static void put(Map<String, BigDecimal> units, String name, JsonNode count) {
        BigDecimal amount = Counts.amount(count);
        if (amount != null && amount.signum() > 0) {
            units.merge(name, amount, BigDecimal::add);
        }
    }
}
