package dev.tokenmeter.gateway.outbox;

import dev.tokenmeter.schemas.UsageEvent;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.rocksdb.RocksDBException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes events on a thread of its own: all that wait go into one batch, and then their completions run. The queue is
 * bounded by the outbox's own bounds, which are counted before an event is handed over here. Nobody waits for a disk that
 * hangs for longer than the timeout: whoever does is let go by {@link #releaseOverdue}, and the event stays in the queue.
 */
final class OutboxWriter implements AutoCloseable {
    /** Puts a batch on the disk; blocking. */
    @FunctionalInterface
    interface Disk {
        void append(List<OutboxStore.Entry> entries) throws RocksDBException;
    }

    /** Told what becomes of events; each is written or lost, once, and may have been overdue before. */
    interface Listener {
        /** @param next number of the event after these; on the writer's thread */
        void written(List<OutboxStore.Entry> entries, long next);

        /** The disk refused them; on the writer's thread. */
        void lost(List<OutboxStore.Entry> entries);

        /** The callers of so many events were let go before those were written; on any thread. */
        void overdue(int events);
    }

    /** @param bytes of the event, encoded */
    record Encoded(byte[] bytes, UsageEvent event) {}

    /** @param taken told when they are written, or lost; null when the events are nowhere else meanwhile */
    private record Waiting(List<Encoded> events, CompletableFuture<Void> written, long sinceNanos, Runnable taken) {
        boolean isKept() {
            return taken != null;
        }

        boolean isOverdue(long now, long timeoutNanos) {
            return now - sinceNanos >= timeoutNanos;
        }
    }

    private static final Logger LOG = LoggerFactory.getLogger(OutboxWriter.class);
    private static final int MAX_BATCH = 4096;
    private static final long COMPLAIN_EVERY_NANOS = TimeUnit.SECONDS.toNanos(10);
    /** Events that are safe already wait so long for others, so that the thread wakes rarely. */
    private static final long GATHER_NANOS = TimeUnit.MILLISECONDS.toNanos(2);

    private static final CompletableFuture<Void> SAFE = CompletableFuture.completedFuture(null);
    private static final Waiting STOP = new Waiting(List.of(), null, 0, null);

    private final Disk disk;
    private final Listener listener;
    private final long timeoutNanos;
    private final BlockingQueue<Waiting> queue = new LinkedBlockingQueue<>();
    private final Thread thread = new Thread(this::run, "gateway-outbox-writer");
    private volatile List<Waiting> writing = List.of();
    private volatile boolean stuck;
    private volatile boolean hurry;
    private long nextSequence;
    private long lost;
    private long complainedAt;

    /**
     * @param nextSequence number of the first event to come
     * @param timeout after which nobody waits for an event's write any longer
     */
    OutboxWriter(Disk disk, long nextSequence, Listener listener, Duration timeout) {
        this.disk = disk;
        this.nextSequence = nextSequence;
        this.listener = listener;
        this.timeoutNanos = timeout.toNanos();
        thread.setDaemon(true);
        thread.start();
    }

    /**
     * Hands events over. The stage completes once they are written, or exceptionally if that failed, on the writer's thread;
     * or once they are overdue.
     */
    CompletionStage<Void> write(List<Encoded> events) {
        CompletableFuture<Void> written = new CompletableFuture<>();
        if (stuck && written.complete(null)) {
            listener.overdue(events.size());
        }
        hurry(new Waiting(events, written, System.nanoTime(), null));
        return written;
    }

    private void hurry(Waiting waiting) {
        queue.add(waiting);
        hurry = true;
        LockSupport.unpark(thread);
    }

    /**
     * Hands events over for which nobody waits.
     *
     * @param taken told, on the writer's thread, when they are written, or lost
     */
    void writeKept(List<Encoded> events, Runnable taken) {
        queue.add(new Waiting(events, SAFE, System.nanoTime(), taken));
    }

    /** Lets those go who have waited for too long. To be called from time to time, by any thread but the writer's. */
    void releaseOverdue() {
        long now = System.nanoTime();
        List<Waiting> current = writing;
        if (current.isEmpty() || !current.get(0).isOverdue(now, timeoutNanos)) {
            return;
        }
        if (!stuck) {
            LOG.error("the outbox's disk takes no events; answers go on without waiting, events are kept in memory");
            stuck = true;
        }
        current.forEach(this::release);
        queue.forEach(this::release);
    }

    private void release(Waiting waiting) {
        if (waiting != STOP && waiting.written.complete(null)) {
            listener.overdue(waiting.events.size());
        }
    }

    /** Whether the disk has not taken a batch in time, and still has not. */
    boolean isStuck() {
        return stuck;
    }

    private void run() {
        boolean stop = false;
        while (!stop) {
            List<Waiting> batch = new ArrayList<>();
            try {
                batch.add(queue.take());
            } catch (InterruptedException e) {
                continue; // only close() stops this thread
            }
            gather(batch.get(0));
            queue.drainTo(batch, MAX_BATCH);
            stop = batch.remove(STOP);
            writing = batch;
            writeAll(batch);
            writing = List.of();
        }
    }

    private void gather(Waiting first) {
        long until = System.nanoTime() + GATHER_NANOS;
        while (first.isKept() && !hurry && until - System.nanoTime() > 0) {
            LockSupport.parkNanos(this, until - System.nanoTime());
        }
        hurry = false;
    }

    private void writeAll(List<Waiting> batch) {
        if (batch.isEmpty()) {
            return;
        }
        List<OutboxStore.Entry> entries = new ArrayList<>(batch.size());
        for (Waiting waiting : batch) {
            for (Encoded event : waiting.events) {
                entries.add(new OutboxStore.Entry(nextSequence + entries.size(), event.bytes, event.event));
            }
        }
        try {
            disk.append(entries);
        } catch (RocksDBException | RuntimeException e) {
            complain(entries.size(), e);
            listener.lost(entries);
            batch.forEach(waiting -> {
                tell(waiting.taken);
                waiting.written.completeExceptionally(e);
            });
            return;
        } finally {
            if (stuck) {
                LOG.warn("the outbox's disk takes events again");
                stuck = false;
            }
        }
        nextSequence += entries.size();
        listener.written(entries, nextSequence);
        batch.forEach(waiting -> {
            tell(waiting.taken);
            waiting.written.complete(null);
        });
    }

    private static void tell(Runnable taken) {
        if (taken != null) {
            taken.run();
        }
    }

    /** A full disk fails every batch; the log must not fill what is left of it. */
    private void complain(int events, Exception cause) {
        lost += events;
        long now = System.nanoTime();
        if (complainedAt == 0 || now - complainedAt > COMPLAIN_EVERY_NANOS) {
            LOG.error("{} events could not be written to the outbox and are lost: {}", lost, cause.getMessage());
            lost = 0;
            complainedAt = now;
        }
    }

    /**
     * Writes what waits, then stops.
     *
     * @return whether it did within the patience; the disk hangs otherwise, and what waits is lost
     */
    boolean close(Duration patience) {
        hurry(STOP);
        try {
            thread.join(Math.max(1, patience.toMillis()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return !thread.isAlive();
    }

    @Override
    public void close() {
        close(Duration.ofDays(1));
    }
}
