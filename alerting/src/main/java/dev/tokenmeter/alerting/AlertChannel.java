package dev.tokenmeter.alerting;

import dev.tokenmeter.schemas.Alert;

/** A way in which people hear of alerts. */
interface AlertChannel {
    /**
     * Delivers one step of an alert's life that is committed to the alert topic. After a crash the last steps come again:
     * at least once. Called on a stream thread, so it must be quick and must not throw for want of a receiver.
     */
    void deliver(Alert alert);
}
