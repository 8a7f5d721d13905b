package dev.tokenmeter.gateway.dialect;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tokenmeter.schemas.TokenKind;
import dev.tokenmeter.schemas.UsageSource;
import java.math.BigDecimal;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * Usage in Cohere's answers: {@code usage} of a chat (in a stream, of its last event), {@code meta} of the rest and of the
 * API's first version, whose streams are lines of JSON. {@code billed_units} is what is charged, {@code tokens} what the
 * model saw (<a href="https://docs.cohere.com/reference/chat">chat</a>,
 * <a href="https://docs.cohere.com/reference/chat-stream">its stream</a>,
 * <a href="https://docs.cohere.com/reference/rerank">rerank</a>,
 * <a href="https://docs.cohere.com/reference/embed">embed</a>,
 * <a href="https://docs.cohere.com/docs/how-does-cohere-pricing-work">how it is billed</a>).
 */
final class CohereAnswer implements AnswerShape {
    private static final JsonExcerpt.Wanted WANTED = new JsonExcerpt.Wanted(
            Set.of("type", "event_type", "usage", "meta", "finish_reason"), Set.of("delta", "response"), Set.of());

    private JsonNode usage;
    private boolean ended;
    private boolean error;

    @Override
    public JsonExcerpt.Wanted wanted() {
        return WANTED;
    }

    @Override
    public Part accept(JsonNode excerpt) {
        JsonNode body = Counts.object(excerpt, "delta", "response");
        body = body.isObject() ? body : excerpt;
        JsonNode found = Counts.object(body, "usage", "meta");
        usage = found.isObject() ? found : usage;
        error |= body.path("finish_reason").asText().startsWith("ERROR");
        boolean last = excerpt.path("type").asText().equals("message-end")
                || excerpt.path("event_type").asText().equals("stream-end");
        ended |= last;
        return last ? Part.LAST : Part.CONTENT;
    }

    @Override
    public UsageReading reading(boolean endedWell) {
        JsonNode counts = usage == null ? null : Counts.object(usage, "billed_units", "tokens");
        Map<String, BigDecimal> units = counts == null ? Map.of() : units(counts);
        if (units.isEmpty() && !hasTokens(counts)) {
            String raw = RawUsage.of(usage);
            return new UsageReading(null, null, Map.of(), Map.of(), raw, null, UsageSource.none, error);
        }
        return new UsageReading(
                null,
                null,
                tokens(counts),
                units,
                RawUsage.of(usage),
                null,
                ended || endedWell ? UsageSource.provider : UsageSource.partial,
                error);
    }

    private static boolean hasTokens(JsonNode counts) {
        return counts != null
                && (counts.path("input_tokens").isNumber()
                        || counts.path("output_tokens").isNumber()
                        || counts.path("image_tokens").isNumber());
    }

    private static Map<TokenKind, Long> tokens(JsonNode counts) {
        Map<TokenKind, Long> tokens = new EnumMap<>(TokenKind.class);
        tokens.put(TokenKind.UNCACHED_INPUT, Counts.of(counts, "input_tokens"));
        tokens.put(TokenKind.IMAGE_INPUT, Counts.of(counts, "image_tokens"));
        tokens.put(TokenKind.TEXT_OUTPUT, Counts.of(counts, "output_tokens"));
        return tokens;
    }

    private static Map<String, BigDecimal> units(JsonNode counts) {
        Map<String, BigDecimal> units = new HashMap<>();
        for (String name : new String[] {"search_units", "classifications", "images"}) {
            long count = Counts.of(counts, name);
            if (count > 0) {
                units.put(name, BigDecimal.valueOf(count));
            }
        }
        return units;
    }
}
