package dev.tokenmeter.service;

/** Consumer groups by which one service can tell how far another has come, as they are without any setting. */
public final class ConsumerGroups {
    /**
     * The stream aggregator's application id. It changes with its internal topics: another application counts the log anew,
     * in place of misreading their content.
     */
    public static final String AGGREGATOR = "tokenmeter-stream-aggregator-3";

    /** The sink's. */
    public static final String STORAGE = "tokenmeter-storage";

    private ConsumerGroups() {}
}
