package dev.tokenmeter.gateway.outbox;

import dev.tokenmeter.schemas.UsageEvent;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.rocksdb.RocksDBException;

/**
 * Keeps events until the sink has them. {@link #append} never blocks and may be called from any thread. What is in it
 * survives the death of the process (and, with {@code sync}, of the machine) and goes out after the next start.
 */
public final class Outbox implements AutoCloseable {
    private static final int SEQUENCE_BITS = 20;
    private static final Duration DISK_SUSPECT = Duration.ofSeconds(5);

    private final OutboxConfig config;
    private final Clock clock;
    private final OutboxGauge gauge;
    private final EventCodec codec = new EventCodec();
    private final OutboxStore store;
    private final OutboxSender sender;
    private final OutboxWriter writer;
    private final AtomicBoolean closed = new AtomicBoolean();
    private volatile Instant diskFailedAt = Instant.EPOCH;

    /**
     * Opens the outbox and starts to send what an earlier process left. Blocking.
     *
     * @param sinks makes the way out, on the sender's thread
     * @throws dev.tokenmeter.service.SettingException if the folder cannot be used
     */
    public Outbox(OutboxConfig config, Supplier<EventSink> sinks, MeterRegistry meters, Clock clock) {
        this.config = config;
        this.clock = clock;
        this.gauge = new OutboxGauge(meters, clock, config.maxBytes());
        this.store = OutboxStore.open(config, codec);
        long[] range = {Long.MAX_VALUE, 0};
        try {
            store.scanAll((sequence, event) -> {
                gauge.added(event.length);
                range[0] = Math.min(range[0], sequence);
                range[1] = sequence + 1;
            });
        } catch (RocksDBException e) {
            store.close();
            throw new IllegalStateException("cannot read the outbox in " + config.dir(), e);
        }
        // Numbers rise from start to start, so that one is never used twice.
        long next = Math.max(range[1], clock.millis() << SEQUENCE_BITS);
        sender = new OutboxSender(store, codec, sinks, gauge, config.maxInFlight(), Math.min(range[0], next), range[1]);
        writer = new OutboxWriter(store, next, sender::available);
    }

    /**
     * Keeps an event. The stage completes, on a thread of the outbox, when the event is safe, and exceptionally when it is
     * lost (outbox full while serving on, or the disk failed), which is counted.
     */
    public CompletionStage<Void> append(UsageEvent event) {
        byte[] bytes = codec.encode(event);
        if (closed.get() || isFull() && config.whenFull() == OutboxConfig.WhenFull.SERVE) {
            gauge.dropped();
            return CompletableFuture.failedFuture(new IllegalStateException("the outbox is full or closed"));
        }
        gauge.added(bytes.length);
        return writer.write(bytes).whenComplete((nothing, failure) -> {
            if (failure != null) {
                diskFailedAt = clock.instant();
                gauge.removed(bytes.length);
                gauge.dropped();
            }
        });
    }

    /** Whether new billed calls are to be refused: full, and set to refuse. Calls under way are still kept. */
    public boolean refuses() {
        return config.whenFull() == OutboxConfig.WhenFull.REFUSE && (isFull() || diskFailed());
    }

    /** Whether it is at its bound. */
    public boolean isFull() {
        return gauge.bytes() >= config.maxBytes();
    }

    /** Whether a write failed within the last seconds. */
    public boolean diskFailed() {
        return clock.instant().isBefore(diskFailedAt.plus(DISK_SUSPECT));
    }

    /** Events that wait. */
    public long depth() {
        return gauge.events();
    }

    /** Writes what was handed over, sends for as long as the settings allow, closes. */
    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            writer.close();
            sender.close(config.flushTimeout());
            store.close();
        }
    }
}
