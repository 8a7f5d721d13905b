package dev.tokenmeter.gateway.outbox;

import dev.tokenmeter.schemas.UsageEvent;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.rocksdb.RocksDBException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends what the outbox holds, oldest first, on a thread of its own, and deletes what was acknowledged. After a failure it
 * waits and starts again from the oldest event that is not acknowledged; some then go out twice, under the same id.
 */
final class OutboxSender implements AutoCloseable {
    private record Sent(OutboxStore.Entry entry, UsageEvent event, CompletableFuture<Void> acknowledged) {}

    private static final Logger LOG = LoggerFactory.getLogger(OutboxSender.class);
    private static final int READ_BATCH = 500;
    private static final long FIRST_RETRY_MS = 100;
    private static final long MAX_RETRY_MS = 5_000;
    private static final Duration ACK_PATIENCE = Duration.ofSeconds(150);

    private final OutboxStore store;
    private final EventCodec codec;
    private final Supplier<EventSink> sinks;
    private final OutboxGauge gauge;
    private final int maxInFlight;
    private final Thread thread = new Thread(this::run, "gateway-outbox-sender");
    private final Object signal = new Object();
    private final Deque<Sent> inFlight = new ArrayDeque<>();
    private final FreshEvents fresh;
    private long end;
    private long next;
    private volatile long deleted;
    private EventSink sink;
    private long stopAt = Long.MAX_VALUE;

    /**
     * @param sinks makes the way out, on the sender's thread; may fail, and is then asked again
     * @param first number of the oldest event
     * @param end number after the newest
     */
    OutboxSender(
            OutboxStore store,
            EventCodec codec,
            Supplier<EventSink> sinks,
            OutboxGauge gauge,
            int maxInFlight,
            long first,
            long end) {
        this.store = store;
        this.codec = codec;
        this.sinks = sinks;
        this.gauge = gauge;
        this.maxInFlight = maxInFlight;
        this.deleted = first;
        this.next = first;
        this.end = end;
        this.fresh = new FreshEvents(maxInFlight);
        thread.setDaemon(true);
        thread.start();
    }

    /** All events before this number have been acknowledged. */
    long acknowledgedUpTo() {
        return deleted;
    }

    /** Tells that these events are there to be sent, and up to which number (exclusive) there are any. */
    void available(List<OutboxStore.Entry> entries, long newEnd) {
        synchronized (signal) {
            fresh.add(entries);
            end = newEnd;
            signal.notifyAll();
        }
    }

    private void run() {
        long retryMs = FIRST_RETRY_MS;
        while (!stopped()) {
            try {
                sendBatch();
                settle();
                retryMs = FIRST_RETRY_MS;
            } catch (InterruptedException e) {
                break;
            } catch (Exception e) {
                LOG.warn("events cannot be sent and wait in the outbox, trying again: {}", rootMessage(e));
                startAgain();
                retryMs = waitBeforeRetry(retryMs);
            }
        }
        closeSink();
    }

    private static String rootMessage(Throwable e) {
        Throwable cause = e;
        while ((cause instanceof ExecutionException || cause instanceof CompletionException)
                && cause.getCause() != null) {
            cause = cause.getCause();
        }
        return cause.getClass().getSimpleName() + ": " + cause.getMessage();
    }

    private void sendBatch() throws InterruptedException, RocksDBException {
        awaitWork();
        if (sink == null) {
            sink = sinks.get();
        }
        int room = Math.min(READ_BATCH, maxInFlight - inFlight.size());
        List<OutboxStore.Entry> entries = next(room);
        for (OutboxStore.Entry entry : entries) {
            inFlight.add(send(entry));
            next = entry.sequence() + 1;
        }
        if (!entries.isEmpty() && inFlight.peek().event != null) {
            gauge.oldest(inFlight.peek().event.getOccurredAt());
        }
    }

    /** From memory where they still are, which spares reading them back; else from the disk. */
    private List<OutboxStore.Entry> next(int room) throws RocksDBException {
        synchronized (signal) {
            if (next >= end) {
                return List.of();
            }
            List<OutboxStore.Entry> remembered = fresh.take(next, room);
            if (!remembered.isEmpty()) {
                return remembered;
            }
        }
        return store.read(next, room);
    }

    private Sent send(OutboxStore.Entry entry) {
        UsageEvent event;
        try {
            event = entry.decoded() == null ? codec.decode(entry.event()) : entry.decoded();
        } catch (IOException | RuntimeException e) {
            return new Sent(entry, null, CompletableFuture.failedFuture(new EventSink.UndeliverableException(e)));
        }
        if (inFlight.isEmpty()) {
            gauge.oldest(event.getOccurredAt()); // now: while Kafka is away, publish may take a minute to say so
        }
        try {
            CompletionStage<Void> acknowledged = entry.decoded() == null
                    ? sink.publish(event)
                    : sink.publish(event, entry.event(), EventCodec.HEADER_BYTES);
            return new Sent(entry, event, acknowledged.toCompletableFuture());
        } catch (EventSink.UndeliverableException e) {
            return new Sent(entry, event, CompletableFuture.failedFuture(e));
        }
    }

    /** Takes in what was acknowledged; blocks only when nothing else can be sent. */
    private void settle() throws InterruptedException, RocksDBException, ExecutionException, TimeoutException {
        boolean mustWait = inFlight.size() >= maxInFlight || next >= end();
        if (mustWait && !inFlight.isEmpty()) {
            awaitFirst();
        }
        long before = deleted;
        try {
            while (!inFlight.isEmpty() && inFlight.peek().acknowledged.isDone()) {
                finish(inFlight.peek());
                deleted = inFlight.poll().entry.sequence() + 1;
            }
        } finally {
            if (deleted > before) {
                store.deleteRange(before, deleted);
            }
        }
        if (inFlight.isEmpty()) {
            gauge.oldest(null);
        }
    }

    private void awaitFirst() throws InterruptedException, TimeoutException {
        long patience = Math.min(ACK_PATIENCE.toMillis(), Math.max(1, stopAt() - System.currentTimeMillis()));
        try {
            inFlight.peek().acknowledged.get(patience, TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            LOG.debug("an event was not acknowledged", e); // finish() decides
        }
    }

    private void finish(Sent sent) throws ExecutionException, InterruptedException, RocksDBException {
        try {
            sent.acknowledged.get();
        } catch (ExecutionException e) {
            if (!(e.getCause() instanceof EventSink.UndeliverableException)) {
                throw e;
            }
            LOG.error(
                    "event {} of the outbox put aside: {}",
                    sent.entry.sequence(),
                    rootMessage(e.getCause().getCause()));
            store.setAside(sent.entry);
            gauge.undeliverable();
        }
        gauge.removed(sent.entry.event().length);
    }

    private void startAgain() {
        inFlight.clear();
        next = deleted;
        closeSink();
        try {
            for (OutboxStore.Entry oldest : store.read(next, 1)) {
                gauge.oldest(codec.decode(oldest.event()).getOccurredAt());
            }
        } catch (IOException | RuntimeException | RocksDBException e) {
            LOG.debug("the age of the oldest event is unknown", e);
        }
    }

    private void closeSink() {
        if (sink != null) {
            try {
                sink.close();
            } catch (Exception e) {
                LOG.debug("closing the sink failed", e);
            }
            sink = null;
        }
    }

    private long waitBeforeRetry(long retryMs) {
        try {
            Thread.sleep(retryMs);
        } catch (InterruptedException e) {
            return retryMs; // close() wakes us: one more try, then stopped() tells
        }
        return Math.min(MAX_RETRY_MS, retryMs * 2);
    }

    private void awaitWork() throws InterruptedException {
        synchronized (signal) {
            while (next >= end && inFlight.isEmpty() && stopAt == Long.MAX_VALUE) {
                signal.wait();
            }
        }
    }

    private long end() {
        synchronized (signal) {
            return end;
        }
    }

    private long stopAt() {
        synchronized (signal) {
            return stopAt;
        }
    }

    private boolean stopped() {
        synchronized (signal) {
            boolean empty = next >= end && inFlight.isEmpty();
            return stopAt != Long.MAX_VALUE && (empty || System.currentTimeMillis() >= stopAt);
        }
    }

    /**
     * Sends what is left, for at most this long.
     *
     * @return whether the thread has ended
     */
    boolean close(Duration patience) {
        synchronized (signal) {
            stopAt = System.currentTimeMillis() + patience.toMillis();
            signal.notifyAll();
        }
        try {
            thread.join(patience.toMillis() + 100);
            thread.interrupt();
            thread.join(TimeUnit.SECONDS.toMillis(5));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return !thread.isAlive();
    }

    @Override
    public void close() {
        close(Duration.ZERO);
    }
}
