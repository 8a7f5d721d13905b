package dev.tokenmeter.alerting.deliver;

import dev.tokenmeter.schemas.Notification;

/** A way to reach somebody. Called by one thread at a time. */
@FunctionalInterface
public interface Sender {
    /** Tries once; blocking, for a bounded time. */
    Outcome send(Notification notification) throws InterruptedException;
}
