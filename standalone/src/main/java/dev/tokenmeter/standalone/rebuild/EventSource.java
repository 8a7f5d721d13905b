package dev.tokenmeter.standalone.rebuild;

import dev.tokenmeter.aggregator.rebuild.Cut;
import dev.tokenmeter.schemas.UsageEvent;
import dev.tokenmeter.storage.query.TimeRange;
import java.util.Set;
import java.util.function.Consumer;

/** Where the events of the past are read from. One thread; blocking. */
interface EventSource extends AutoCloseable {
    /** An event was corrected while it was read, so that its cost before the cut is not known: try again. */
    final class MovedException extends Exception {
        private static final long serialVersionUID = 1L;
    }

    /** Returns when all before the cut can be read. */
    void await(Cut cut) throws InterruptedException;

    /** Tenants that have events in the range. */
    Set<String> tenants(TimeRange range);

    /** Shows a tenant's events in the range that stand before the cut, each once, by its last revision. */
    void read(TimeRange range, String tenant, Cut cut, Consumer<UsageEvent> reader) throws MovedException;

    @Override
    void close();
}
