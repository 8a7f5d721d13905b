package dev.tokenmeter.gateway.outbox;

import dev.tokenmeter.schemas.UsageEvent;
import java.io.IOException;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.rocksdb.RocksDBException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Shows what an earlier process left, once. For the sender's thread. */
final class LeftoverReader {
    private static final Logger LOG = LoggerFactory.getLogger(LeftoverReader.class);

    private final OutboxStore store;
    private final EventCodec codec;
    private final Leftovers leftovers;
    private final long end;
    private boolean read;

    /** @param end number after the last event that was left */
    LeftoverReader(OutboxStore store, EventCodec codec, Leftovers leftovers, long end) {
        this.store = store;
        this.codec = codec;
        this.leftovers = leftovers;
        this.end = end;
    }

    /** A way out that is used only after the leftovers have been shown. */
    Supplier<EventSink> before(Supplier<EventSink> sinks) {
        return () -> {
            EventSink sink = sinks.get();
            if (!read) {
                read = true;
                read();
            }
            return sink;
        };
    }

    private void read() {
        try {
            leftovers.read(this::showAll);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) {
            LOG.error("what was left in the outbox could not be read before it is sent", e);
        }
    }

    private void showAll(Consumer<UsageEvent> visitor) {
        try {
            store.scanAll((sequence, bytes) -> {
                if (sequence < end) {
                    show(bytes, visitor);
                }
            });
        } catch (RocksDBException e) {
            throw new IllegalStateException("cannot read the outbox", e);
        }
    }

    private void show(byte[] bytes, Consumer<UsageEvent> visitor) {
        UsageEvent event;
        try {
            event = codec.decode(bytes);
        } catch (IOException | RuntimeException e) {
            return; // the sender puts it aside
        }
        visitor.accept(event);
    }
}
