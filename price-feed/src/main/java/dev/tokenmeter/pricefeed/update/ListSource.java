package dev.tokenmeter.pricefeed.update;

import java.io.IOException;

/** Where a price list is had from. Used by one thread. */
interface ListSource {
    /**
     * Gets the list. Blocking, for no longer than its timeout.
     *
     * @return null if it is known to be what it was the last time
     * @throws IOException if it cannot be had; the message is for an operator and holds no secret
     */
    byte[] fetch() throws IOException, InterruptedException;

    /** Makes the next {@link #fetch} bring the list whether it has changed or not: the last one could not be used. */
    default void forget() {}
}
