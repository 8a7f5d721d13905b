package dev.tokenmeter.gateway.outbox;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Consumer;
import org.rocksdb.RocksDBException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes events on a thread of its own: all that wait go into one batch with one sync, and then their completions run. The
 * queue is bounded by the outbox's own bound, which is counted before an event is handed over here.
 */
final class OutboxWriter implements AutoCloseable {
    private record Waiting(byte[] event, CompletableFuture<Void> written) {}

    private static final Logger LOG = LoggerFactory.getLogger(OutboxWriter.class);
    private static final int MAX_BATCH = 4096;
    private static final Waiting STOP = new Waiting(null, null);

    private final OutboxStore store;
    private final Consumer<Long> writtenUpTo;
    private final BlockingQueue<Waiting> queue = new LinkedBlockingQueue<>();
    private final Thread thread = new Thread(this::run, "gateway-outbox-writer");
    private long nextSequence;

    /**
     * @param nextSequence number of the first event to come
     * @param writtenUpTo is told, after each batch, the number of the next event
     */
    OutboxWriter(OutboxStore store, long nextSequence, Consumer<Long> writtenUpTo) {
        this.store = store;
        this.nextSequence = nextSequence;
        this.writtenUpTo = writtenUpTo;
        thread.start();
    }

    /** Hands an event over; completes, on the writer's thread, once it is written, or exceptionally if that failed. */
    CompletionStage<Void> write(byte[] event) {
        CompletableFuture<Void> written = new CompletableFuture<>();
        queue.add(new Waiting(event, written));
        return written;
    }

    private void run() {
        List<Waiting> batch = new ArrayList<>();
        boolean stop = false;
        while (!stop) {
            try {
                batch.add(queue.take());
            } catch (InterruptedException e) {
                continue; // only close() stops this thread
            }
            queue.drainTo(batch, MAX_BATCH);
            stop = batch.remove(STOP);
            write(batch);
            batch.clear();
        }
    }

    private void write(List<Waiting> batch) {
        if (batch.isEmpty()) {
            return;
        }
        List<OutboxStore.Entry> entries = new ArrayList<>(batch.size());
        for (Waiting waiting : batch) {
            entries.add(new OutboxStore.Entry(nextSequence + entries.size(), waiting.event));
        }
        try {
            store.append(entries);
        } catch (RocksDBException | RuntimeException e) {
            LOG.error("{} events could not be written to the outbox and are lost: {}", batch.size(), e.getMessage());
            batch.forEach(waiting -> waiting.written.completeExceptionally(e));
            return;
        }
        nextSequence += entries.size();
        writtenUpTo.accept(nextSequence);
        batch.forEach(waiting -> waiting.written.complete(null));
    }

    /** Writes what waits, then stops. */
    @Override
    public void close() {
        queue.add(STOP);
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
