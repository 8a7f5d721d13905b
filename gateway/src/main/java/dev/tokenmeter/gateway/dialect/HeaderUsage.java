package dev.tokenmeter.gateway.dialect;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tokenmeter.schemas.TokenKind;
import dev.tokenmeter.schemas.UsageSource;
import java.util.EnumMap;
import java.util.Map;
import java.util.function.UnaryOperator;

/**
 * Usage that an answer states in its header. Amazon Bedrock does so for models whose bodies have none
 * (<a href="https://docs.aws.amazon.com/bedrock/latest/userguide/inference-invoke.html">InvokeModel</a>), as do Hugging
 * Face's text generation and embedding servers
 * (<a href="https://huggingface.co/docs/inference-endpoints">inference endpoints</a>). What a body says wins.
 */
public final class HeaderUsage {
    private static final Map<String, TokenKind> BEDROCK = Map.of(
            "x-amzn-bedrock-input-token-count", TokenKind.UNCACHED_INPUT,
            "x-amzn-bedrock-output-token-count", TokenKind.TEXT_OUTPUT,
            "x-amzn-bedrock-cache-read-input-token-count", TokenKind.CACHE_READ_INPUT,
            "x-amzn-bedrock-cache-write-input-token-count", TokenKind.CACHE_WRITE_5M_INPUT);
    private static final Map<String, TokenKind> HUGGING_FACE =
            Map.of("x-prompt-tokens", TokenKind.UNCACHED_INPUT, "x-generated-tokens", TokenKind.TEXT_OUTPUT);

    private HeaderUsage() {}

    /**
     * A reading completed by the header.
     *
     * @param header gives a header's value; null when it is absent
     */
    public static UsageReading complete(UsageReading reading, UnaryOperator<String> header) {
        if (reading.source() != UsageSource.none) {
            return reading;
        }
        Map<TokenKind, Long> tokens = new EnumMap<>(TokenKind.class);
        ObjectNode raw = JsonNodeFactory.instance.objectNode();
        for (Map<String, TokenKind> family : java.util.List.of(BEDROCK, HUGGING_FACE)) {
            family.forEach((name, kind) -> {
                String value = header.apply(name);
                if (value != null && value.matches("\\d{1,12}")) {
                    tokens.merge(kind, Long.parseLong(value), Long::sum);
                    raw.put(name, Long.parseLong(value));
                }
            });
        }
        return tokens.isEmpty()
                ? reading
                : new UsageReading(
                        reading.model(),
                        reading.serviceTier(),
                        tokens,
                        reading.units(),
                        RawUsage.of(raw),
                        null,
                        UsageSource.provider,
                        reading.error());
    }
}
