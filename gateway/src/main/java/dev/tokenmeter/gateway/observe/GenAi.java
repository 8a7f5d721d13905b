package dev.tokenmeter.gateway.observe;

import dev.tokenmeter.schemas.Outcome;
import dev.tokenmeter.schemas.UsageEvent;

/**
 * Our words in those of OpenTelemetry's conventions for generative AI, which must be used where they exist.
 *
 * @see <a href="https://github.com/open-telemetry/semantic-conventions-genai/blob/main/docs/gen-ai/gen-ai-metrics.md">the
 *     conventions</a>
 */
final class GenAi {
    private static final int ERROR_STATUS = 400;

    private GenAi() {}

    /** {@code gen_ai.provider.name}. */
    static String provider(String name) {
        return switch (name) {
            case "gemini" -> "gcp.gemini";
            case "mistral" -> "mistral_ai";
            case "xai" -> "x_ai";
            case "azure" -> "azure.ai.openai";
            default -> name;
        };
    }

    /** {@code gen_ai.operation.name}. */
    static String operation(String operation) {
        return switch (operation) {
            case "responses", "messages" -> "chat";
            case "completions" -> "text_completion";
            default -> operation;
        };
    }

    /** {@code error.type}: the status of a failed answer, or else how the call ended; null when it ended well. */
    static String errorType(UsageEvent event) {
        return errorType(event.getOutcome(), event.getHttpStatus());
    }

    static String errorType(Outcome outcome, Integer status) {
        boolean refused = status != null && status >= ERROR_STATUS;
        if (outcome == Outcome.completed || outcome == Outcome.upstream_error) {
            return refused ? status.toString() : outcome == Outcome.completed ? null : outcome.name();
        }
        return outcome.name();
    }
}
