package dev.tokenmeter.schemas;

import java.util.Set;

/** What several services must judge alike about an event. */
public final class UsageEvents {
    /** Operations for which providers charge; of others, no usage means no cost. */
    public static final Set<String> BILLED_OPERATIONS =
            Set.of("chat", "responses", "messages", "completions", "embeddings", "images", "audio", "rerank");

    private UsageEvents() {}

    /** Whether the provider may have charged for a call of which no usage was seen: such a call must not cost zero. */
    public static boolean lacksUsage(UsageEvent event) {
        return event.getUsageSource() == UsageSource.none
                && BILLED_OPERATIONS.contains(event.getOperation())
                && mayHaveBeenServed(event);
    }

    private static boolean mayHaveBeenServed(UsageEvent event) {
        Integer status = event.getHttpStatus();
        if (status == null) {
            return event.getOutcome() == Outcome.client_aborted || event.getOutcome() == Outcome.timeout;
        }
        return status >= 200 && status < 300 && event.getOutcome() != Outcome.blocked;
    }

    /** Whether something was used, or may have been, whose cost is not known. */
    public static boolean isUnpriced(UsageEvent event) {
        return event.getCostUsd() == null
                && (TokenKind.total(event) != 0 || !event.getUnits().isEmpty() || lacksUsage(event));
    }
}
