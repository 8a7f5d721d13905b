package dev.tokenmeter.gateway.outbox;

import dev.tokenmeter.schemas.UsageEvent;
import java.util.function.Consumer;

/** Somebody who wants to know what an earlier process left in the outbox. */
public interface Leftovers {
    /** Nobody. */
    Leftovers UNREAD = events -> {};

    /**
     * Called on the sender's thread when the way out is there and before anything is sent, which waits for it.
     *
     * @param events shows each event to a visitor, oldest first; to be used before this returns, or not at all
     */
    void read(Consumer<Consumer<UsageEvent>> events) throws InterruptedException;
}
