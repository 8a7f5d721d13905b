package dev.tokenmeter.service.streams;

import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.function.Supplier;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.RetriableException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells a registry that cannot be reached from a record that cannot be read, and waits for it for a while. */
final class RegistryOutage {
    private static final Logger LOG = LoggerFactory.getLogger(RegistryOutage.class);
    /** Shorter than a service takes to close, as a waiting thread cannot be stopped. */
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private static final Duration PAUSE = Duration.ofMillis(500);

    private RegistryOutage() {}

    /**
     * Whether the registry, and not the record, is to blame. Confluent's deserializer wraps a failed connection into a
     * SerializationException, so the causes count too.
     */
    static boolean isCauseOf(Throwable thrown) {
        for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
            if (cause instanceof RetriableException
                    || cause instanceof InterruptException
                    || cause instanceof SocketException
                    || cause instanceof SocketTimeoutException
                    || cause instanceof UnknownHostException) {
                return true;
            }
        }
        return false;
    }

    /** Does it, if need be several times; a longer outage ends the stream thread, and its successor goes on. */
    static <T> T outlast(Supplier<T> action) {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        boolean told = false;
        while (true) {
            try {
                return action.get();
            } catch (RuntimeException e) {
                if (!isCauseOf(e) || e instanceof InterruptException || System.nanoTime() > deadline) {
                    throw e;
                }
                if (!told) {
                    LOG.warn("waiting for the schema registry ({})", e.getMessage());
                    told = true;
                }
                pause();
            }
        }
    }

    private static void pause() {
        try {
            Thread.sleep(PAUSE.toMillis());
        } catch (InterruptedException e) {
            throw new InterruptException(e);
        }
    }
}
