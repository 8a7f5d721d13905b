package dev.tokenmeter.aggregator;

import dev.tokenmeter.service.ServiceMain;

/** Starts the stream aggregator by itself. */
public final class StreamAggregatorMain {
    private StreamAggregatorMain() {}

    public static void main(String[] args) {
        ServiceMain.run(new StreamAggregatorServiceFactory(), args);
    }
}
