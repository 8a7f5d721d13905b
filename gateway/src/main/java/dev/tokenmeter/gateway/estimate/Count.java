package dev.tokenmeter.gateway.estimate;

import dev.tokenmeter.gateway.dialect.UsageReading;
import dev.tokenmeter.schemas.TokenKind;
import java.util.EnumMap;
import java.util.Map;

/**
 * What a call probably used, in tokens.
 *
 * @param method how it was found
 * @param input of the request
 * @param text of the answer, beyond what its provider counted
 * @param reasoning of the answer that could be seen, beyond what its provider counted
 * @param continues whether the provider counted some of the answer, to which the above is to be added
 */
record Count(Method method, long input, long text, long reasoning, boolean continues) {
    /** How a count was found. */
    enum Method {
        /** All of the text was counted by a tokenizer. */
        TOKENIZER,
        /** The beginning was, and the rest taken to be like it. */
        EXTRAPOLATED,
        /** By the number of bytes. */
        HEURISTIC
    }

    /** Whether a model's text was found in the answer. */
    boolean sawText() {
        return method != Method.HEURISTIC && text + reasoning > 0;
    }

    /**
     * What the provider said, and an estimate for what it left out. Its own figures are kept, but for a count of output
     * made before there was any, and for an input of no tokens, which no call has.
     */
    UsageReading fillIn(UsageReading reading) {
        long providersInput = reading.tokens().entrySet().stream()
                .filter(entry -> entry.getKey().isInput())
                .mapToLong(Map.Entry::getValue)
                .sum();
        if (providersInput > 0 && text + reasoning == 0 || reading.error() && text + reasoning == 0) {
            return reading;
        }
        Map<TokenKind, Long> tokens = new EnumMap<>(TokenKind.class);
        tokens.putAll(reading.tokens());
        if (providersInput == 0) {
            tokens.put(TokenKind.UNCACHED_INPUT, input);
        }
        tokens.merge(TokenKind.TEXT_OUTPUT, text, continues ? Long::sum : Long::max);
        tokens.merge(TokenKind.REASONING_OUTPUT, reasoning, continues ? Long::sum : Long::max);
        return reading.estimated(tokens);
    }
}
