package dev.tokenmeter.aggregator;

import org.apache.kafka.streams.processor.api.ProcessingContext;

/** How far event time has come: stream time, but never ahead of the wall clock. */
final class Watermark {
    private Watermark() {}

    /** Epoch ms; negative when no record was seen yet. */
    static long of(ProcessingContext context) {
        return Math.min(context.currentStreamTimeMs(), context.currentSystemTimeMs());
    }
}
