package dev.tokenmeter.gateway.observe;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One line of JSON for each attempt to have a call answered, and for each call that was refused, written by a thread of its
 * own. {@link #write} never blocks: an entry that finds the queue full is dropped and counted. Thread-safe.
 */
public final class AccessLog implements AutoCloseable {
    /** The logger's name, for a logback configuration of the operator's own. */
    public static final String LOGGER = "tokenmeter.access";

    private static final Logger LOG = LoggerFactory.getLogger(AccessLog.class);
    private static final long POLL_MS = 200;
    private static final Duration CLOSE_PATIENCE = Duration.ofSeconds(3);

    private final BlockingQueue<AccessEntry> queue;
    private final AccessLogFile file;
    private final Counter dropped;
    private final Thread thread;
    private volatile boolean closed;

    private AccessLog(AccessLogConfig config, MeterRegistry meters) {
        dropped = Counter.builder("tokenmeter.gateway.access.log.dropped.lines")
                .description("Lines of the access log that were dropped because it could not be written fast enough")
                .register(meters);
        if (config.enabled()) {
            queue = new ArrayBlockingQueue<>(config.queue());
            file = AccessLogFile.open(config);
            thread = new Thread(this::run, "gateway-access-log");
            thread.setDaemon(true);
            thread.start();
        } else {
            queue = null;
            file = null;
            thread = null;
        }
    }

    /** Opens it, if the settings ask for one. */
    static AccessLog open(AccessLogConfig config, MeterRegistry meters) {
        return new AccessLog(config, meters);
    }

    /** Writes a line, if there is a log; the entry is not made otherwise. */
    public void write(Supplier<AccessEntry> entry) {
        if (queue != null && !queue.offer(entry.get())) {
            dropped.increment();
        }
    }

    private void run() {
        while (!closed || !queue.isEmpty()) {
            try {
                AccessEntry entry = queue.poll(POLL_MS, TimeUnit.MILLISECONDS);
                if (entry != null) {
                    file.write(entry.toJson());
                }
            } catch (IOException | RuntimeException e) {
                dropped.increment();
                LOG.debug("a line of the access log could not be written", e);
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    /** Writes what waits, for a few seconds at most. */
    @Override
    public void close() {
        closed = true;
        if (thread == null) {
            return;
        }
        try {
            thread.join(CLOSE_PATIENCE.toMillis());
            thread.interrupt();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        file.close();
    }
}
