package dev.tokenmeter.queryapi.ingest;

import java.util.Map;
import java.util.Optional;

/**
 * What is read of an OpenTelemetry span, whatever it was encoded in.
 *
 * @param traceId lower-case hexadecimal
 * @param spanId lower-case hexadecimal
 * @param client whether it is of kind CLIENT
 * @param startNanos since 1970
 * @param endNanos since 1970
 * @param failed whether its status is an error
 * @param attributes texts, whole numbers, decimals and flags of the span, over those of its resource; others left out
 */
record Span(
        String traceId,
        String spanId,
        boolean client,
        long startNanos,
        long endNanos,
        boolean failed,
        Map<String, Object> attributes) {

    /** The first of these attributes that is a text that says something. */
    Optional<String> text(String... names) {
        for (String name : names) {
            if (attributes.get(name) instanceof String text && !text.isBlank()) {
                return Optional.of(text.strip());
            }
        }
        return Optional.empty();
    }

    /** The first of these attributes that is a count. */
    Optional<Long> count(String... names) {
        for (String name : names) {
            if (attributes.get(name) instanceof Long count && count >= 0) {
                return Optional.of(count);
            }
        }
        return Optional.empty();
    }
}
