package dev.tokenmeter.gateway.outbox;

import dev.tokenmeter.schemas.UsageEvent;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.rocksdb.RocksDBException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps events until the sink has them. {@link #append} never blocks and may be called from any thread. What is in it
 * survives the death of the process (and, with {@code sync}, of the machine) and goes out after the next start.
 */
public final class Outbox implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Outbox.class);
    private static final int SEQUENCE_BITS = 20;
    private static final Duration DISK_SUSPECT = Duration.ofSeconds(5);
    private static final int CHECKS_PER_TIMEOUT = 4;

    private final OutboxConfig config;
    private final Clock clock;
    private final OutboxGauge gauge;
    private final EventCodec codec = new EventCodec();
    private final Journals journals;
    private final OutboxStore store;
    private final OutboxSender sender;
    private final OutboxWriter writer;
    /** Two threads: the disk that one of them syncs may be the one that hangs, which the other is there to see. */
    private final ScheduledExecutorService watch = Executors.newScheduledThreadPool(2, Outbox::watchThread);

    private final AtomicBoolean closed = new AtomicBoolean();
    private final long leftoverEnd;
    private volatile Instant diskFailedAt = Instant.EPOCH;
    private volatile boolean unsynced;

    /**
     * Opens the outbox and starts to send what an earlier process left. Blocking.
     *
     * @param sinks makes the way out, on the sender's thread
     * @param leftovers is shown what an earlier process left, before any of it is sent
     * @throws dev.tokenmeter.service.SettingException if the folder cannot be used
     */
    public Outbox(
            OutboxConfig config, Supplier<EventSink> sinks, Leftovers leftovers, MeterRegistry meters, Clock clock) {
        this(config, sinks, leftovers, meters, clock, UnaryOperator.identity());
    }

    /** @param disk puts something before the disk; for tests */
    Outbox(
            OutboxConfig config,
            Supplier<EventSink> sinks,
            Leftovers leftovers,
            MeterRegistry meters,
            Clock clock,
            UnaryOperator<OutboxWriter.Disk> disk) {
        this.config = config;
        this.clock = clock;
        this.gauge = new OutboxGauge(meters, clock, config.maxBytes());
        this.journals = Journals.open(config);
        this.store = openStore();
        long[] range = {Long.MAX_VALUE, 0};
        try {
            store.scanAll((sequence, event) -> {
                gauge.added(event.length);
                range[0] = Math.min(range[0], sequence);
                range[1] = sequence + 1;
            });
            takeIn(journals.readLeft(), range);
        } catch (RocksDBException e) {
            store.close();
            journals.close();
            throw new IllegalStateException("cannot read the outbox in " + config.dir(), e);
        }
        // Numbers rise from start to start, so that one is never used twice.
        long next = Math.max(range[1], clock.millis() << SEQUENCE_BITS);
        leftoverEnd = range[1];
        Supplier<EventSink> out =
                leftoverEnd == 0 ? sinks : new LeftoverReader(store, codec, leftovers, leftoverEnd).before(sinks);
        sender = new OutboxSender(store, codec, out, gauge, config.maxInFlight(), Math.min(range[0], next), range[1]);
        writer = new OutboxWriter(disk.apply(store::append), next, new Written(), config.writeTimeout());
        watch();
    }

    private OutboxStore openStore() {
        try {
            return OutboxStore.open(config, codec);
        } catch (RuntimeException e) {
            journals.close();
            throw e;
        }
    }

    /** What an earlier process had in memory when it died comes after what it had on the disk. */
    private void takeIn(List<byte[]> events, long... range) throws RocksDBException {
        if (!events.isEmpty()) {
            long first = Math.max(range[1], clock.millis() << SEQUENCE_BITS);
            List<OutboxStore.Entry> entries = new ArrayList<>();
            for (byte[] event : events) {
                entries.add(new OutboxStore.Entry(first + entries.size(), event, null));
                gauge.added(event.length);
            }
            store.append(entries);
            range[0] = Math.min(range[0], first);
            range[1] = first + entries.size();
        }
        journals.forgetLeft();
    }

    private void watch() {
        long check = Math.max(1, config.writeTimeout().toMillis() / CHECKS_PER_TIMEOUT);
        watch.scheduleWithFixedDelay(writer::releaseOverdue, check, check, TimeUnit.MILLISECONDS);
        long sync = config.syncInterval().toMillis();
        if (!config.sync() && sync > 0) {
            watch.scheduleWithFixedDelay(this::sync, sync, sync, TimeUnit.MILLISECONDS);
        }
    }

    private static Thread watchThread(Runnable task) {
        Thread thread = new Thread(task, "gateway-outbox-watch");
        thread.setDaemon(true);
        return thread;
    }

    private void sync() {
        if (unsynced) {
            unsynced = false;
            try {
                store.sync();
            } catch (RocksDBException e) {
                diskFailedAt = clock.instant();
                LOG.error("what the outbox holds could not be brought to the disk: {}", e.getMessage());
            }
        }
    }

    /** What becomes of events that were handed to the writer. */
    private final class Written implements OutboxWriter.Listener {
        @Override
        public void written(List<OutboxStore.Entry> entries, long next) {
            unsynced = true;
            gauge.leftMemory(bytes(entries));
            sender.available(entries, next);
        }

        @Override
        public void lost(List<OutboxStore.Entry> entries) {
            diskFailedAt = clock.instant();
            gauge.leftMemory(bytes(entries));
            for (OutboxStore.Entry entry : entries) {
                gauge.removed(entry.event().length);
                gauge.dropped();
            }
        }

        @Override
        public void overdue(int events) {
            gauge.overdue(events);
        }

        private long bytes(List<OutboxStore.Entry> entries) {
            long sum = 0;
            for (OutboxStore.Entry entry : entries) {
                sum += entry.event().length;
            }
            return sum;
        }
    }

    /**
     * Keeps an event, which must not be changed from then on. The stage completes, on a thread of the outbox, when the event
     * is safe, and exceptionally when it is lost (outbox full while serving on, or the disk failed), which is counted. It
     * completes as well when the disk has taken nothing for the write timeout: the event is then still written, if the
     * disk comes back before this process ends.
     */
    public CompletionStage<Void> append(UsageEvent event) {
        OutboxWriter.Encoded taken = take(event);
        return taken == null
                ? CompletableFuture.failedFuture(new IllegalStateException("the outbox is full or closed"))
                : write(List.of(taken));
    }

    /** Takes an event in, if there is room; null, and counted, when there is none. To be {@link #write written} soon. */
    OutboxWriter.Encoded take(UsageEvent event) {
        byte[] bytes = codec.encode(event);
        if (closed.get() || isFull() && config.whenFull() == OutboxConfig.WhenFull.SERVE) {
            gauge.dropped();
            return null;
        }
        gauge.handedOver(bytes.length);
        return new OutboxWriter.Encoded(bytes, event);
    }

    /** Writes events that were taken; the stage is as of {@link #append}. */
    CompletionStage<Void> write(List<OutboxWriter.Encoded> taken) {
        return writer.write(taken);
    }

    /**
     * Writes events that are in a journal up to a position, and so safe from the process's death already; soon.
     *
     * @param taken all that are in it before that position and have not been handed over
     */
    void writeKept(List<OutboxWriter.Encoded> taken, Journal journal, long position) {
        writer.writeKept(taken, () -> journal.release(position));
    }

    /** A journal of its own for an event loop; null where the operator named no memory for it. */
    Journal journal() {
        return journals.isOn() ? journals.create() : null;
    }

    /** Whether there was something left at the start. */
    public boolean hadLeftovers() {
        return leftoverEnd > 0;
    }

    /** Whether all that was there at the start has been acknowledged. */
    public boolean leftoversAreSent() {
        return sender.acknowledgedUpTo() >= leftoverEnd;
    }

    /** Whether new billed calls are to be refused: full, or its disk fails, and set to refuse. Calls under way are still kept. */
    public boolean refuses() {
        return config.whenFull() == OutboxConfig.WhenFull.REFUSE && (isFull() || diskFailed());
    }

    /** Whether it is at one of its bounds. */
    public boolean isFull() {
        return gauge.bytes() >= config.maxBytes() || gauge.unwrittenBytes() >= config.maxUnwrittenBytes();
    }

    /** Whether a write failed within the last seconds, or the disk hangs. */
    public boolean diskFailed() {
        return writer.isStuck() || clock.instant().isBefore(diskFailedAt.plus(DISK_SUSPECT));
    }

    /** Events that wait. */
    public long depth() {
        return gauge.events();
    }

    private boolean endWatch() {
        watch.shutdownNow();
        try {
            return watch.awaitTermination(config.writeTimeout().toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** Writes what was handed over, sends for as long as the settings allow, closes. */
    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            boolean written = writer.close(config.writeTimeout().plus(config.flushTimeout()));
            boolean watched = endWatch();
            boolean sent = sender.close(config.flushTimeout());
            if (!written) {
                LOG.error("the outbox's disk hangs; {} bytes of events are lost", gauge.unwrittenBytes());
            }
            if (written && watched && sent) {
                store.close(); // a thread that still used it would bring the whole process down
            }
            journals.close(written);
        }
    }
}
