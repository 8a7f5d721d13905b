package dev.tokenmeter.gateway.estimate;

import dev.tokenmeter.gateway.dialect.Operation;
import dev.tokenmeter.gateway.dialect.UsageReading;
import dev.tokenmeter.schemas.Outcome;
import dev.tokenmeter.schemas.UsageSource;

/**
 * What is known of a call that has ended.
 *
 * @param sent whether a request went out to the provider
 * @param httpStatus of the provider's answer; null when none came
 * @param streamed whether the answer was an event stream
 * @param model as the request names it; null when it was not seen
 * @param reading what the provider said of its usage
 */
public record EndedCall(
        Operation operation,
        Outcome outcome,
        boolean sent,
        Integer httpStatus,
        boolean streamed,
        String model,
        UsageReading reading) {
    /**
     * Whether operations of this kind are estimated: those that bill text by the token, or may; null, for a free call, is
     * not.
     */
    static boolean isEstimable(Operation operation) {
        if (operation == null) {
            return false;
        }
        return switch (operation) {
            case CHAT, RESPONSES, MESSAGES, GENERATE_CONTENT, COMPLETIONS, EMBEDDINGS, OTHER -> true;
            default -> false;
        };
    }

    /** Whether the provider, or the part of its answer that came, left out something that it may bill. */
    boolean lacksUsage() {
        boolean known = reading.source() == UsageSource.provider || reading.source() == UsageSource.estimated;
        return isEstimable(operation) && !known && mayBeBilled();
    }

    /** Errors are not billed, nor is what never reached the provider. Sources: docs/architecture.md. */
    private boolean mayBeBilled() {
        if (httpStatus != null) {
            return httpStatus >= 200 && httpStatus < 300;
        }
        return sent && isUnanswered();
    }

    /** Whether the call ended before it went out: nothing was used, and that is known. */
    boolean usedNothing() {
        return !sent && httpStatus == null && isUnanswered();
    }

    private boolean isUnanswered() {
        return outcome == Outcome.client_aborted || outcome == Outcome.timeout;
    }

    String modelToCountFor() {
        return reading.model() == null ? model : reading.model();
    }
}
