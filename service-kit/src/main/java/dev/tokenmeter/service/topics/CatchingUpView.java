package dev.tokenmeter.service.topics;

/**
 * A view that remembers that it has caught up.
 *
 * @param <T> the topic's values
 */
public abstract class CatchingUpView<T> implements CompactedView<T> {
    private volatile boolean caughtUp;

    @Override
    public final void markCaughtUp() {
        caughtUp = true;
    }

    @Override
    public final boolean isCaughtUp() {
        return caughtUp;
    }
}
