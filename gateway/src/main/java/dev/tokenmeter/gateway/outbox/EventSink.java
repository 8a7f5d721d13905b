package dev.tokenmeter.gateway.outbox;

import dev.tokenmeter.schemas.UsageEvent;
import java.util.concurrent.CompletionStage;

/** Where events go from the outbox. Used by the sender's thread only; may block it. */
public interface EventSink extends AutoCloseable {
    /**
     * Sends an event; it completes when the event is safe over there.
     *
     * @throws RuntimeException or a failed stage when it may be tried again; {@link UndeliverableException} in either
     *     place when trying again would not help
     */
    CompletionStage<Void> publish(UsageEvent event);

    /**
     * The same for an event that need not be encoded once more.
     *
     * @param encoded by Avro with this gateway's schema, from the offset on
     */
    default CompletionStage<Void> publish(UsageEvent event, byte[] encoded, int offset) {
        return publish(event);
    }

    @Override
    default void close() {}

    /** This event, and not the way, is the problem. */
    final class UndeliverableException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        /** @param cause what the receiver said */
        public UndeliverableException(Throwable cause) {
            super(cause);
        }
    }
}
