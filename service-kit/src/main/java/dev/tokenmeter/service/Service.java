package dev.tokenmeter.service;

/**
 * A part of Tokenmeter that starts and stops on its own. Its constructor takes what it needs and connects to nothing;
 * {@link #start} does, on the caller's thread, and returns once the service does its work.
 */
public interface Service extends AutoCloseable {
    /** The name in logs, metrics and health, e.g. {@code stream-aggregator}. */
    String name();

    /**
     * Starts; called once.
     *
     * @throws SettingException if something that the operator named is wrong or out of reach
     * @throws Exception if it cannot start for another reason
     */
    void start() throws Exception;

    /** Stops gracefully: finishes what is under way, flushes, then releases everything. Does nothing when called again. */
    @Override
    void close();
}
