package dev.tokenmeter.alerting.deliver;

import java.time.Duration;
import java.util.Optional;

/** What became of one attempt to deliver. Texts are for an operator, bounded, and hold no secret. */
public sealed interface Outcome {
    /** What the receiver, or the network, said. */
    String said();

    /** The receiver has it. */
    record Delivered(String said) implements Outcome {}

    /**
     * It does not have it, or nobody knows; worth another try.
     *
     * @param retryAfter how long the receiver asked to be left alone
     */
    record Failed(String said, Optional<Duration> retryAfter) implements Outcome {
        public Failed(String said) {
            this(said, Optional.empty());
        }
    }

    /** It does not want it, and would not later. */
    record Refused(String said) implements Outcome {}
}
