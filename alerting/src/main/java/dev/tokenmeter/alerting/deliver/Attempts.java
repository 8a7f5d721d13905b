package dev.tokenmeter.alerting.deliver;

import dev.tokenmeter.schemas.Notification;
import java.time.Clock;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The attempts of one receiver, one at a time on a thread beside the caller's, and the pauses between them. For one thread. */
final class Attempts implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Attempts.class);
    private static final Duration END_PATIENCE = Duration.ofSeconds(5);

    private final Receiver receiver;
    private final Clock clock;
    private final ExecutorService sending;
    private Future<Outcome> running;
    private Notification oldest;
    private int failures;
    private long notBefore = System.nanoTime();

    Attempts(Receiver receiver, Clock clock) {
        this.receiver = receiver;
        this.clock = clock;
        sending = Executors.newSingleThreadExecutor(task -> {
            Thread thread = new Thread(task, "send-" + receiver.name());
            thread.setDaemon(true);
            return thread;
        });
    }

    boolean isRunning() {
        return running != null;
    }

    void start(Backlog.Delivery delivery) {
        oldest = delivery.oldest();
        running = sending.submit(() -> receiver.sender().send(delivery.notification()));
    }

    /** How the attempt under way ended, if it does within that time. */
    Optional<Outcome> await(Duration patience) {
        try {
            Outcome outcome = running.get(patience.toMillis(), TimeUnit.MILLISECONDS);
            running = null;
            return Optional.of(noted(outcome));
        } catch (TimeoutException e) {
            return Optional.empty();
        } catch (ExecutionException e) {
            running = null;
            Throwable cause = e.getCause();
            // Its message could repeat what was to be sent, and so a secret.
            LOG.error(
                    "receiver {}: an attempt failed in our own code, {} at {}",
                    receiver.name(),
                    cause.getClass().getName(),
                    Arrays.stream(cause.getStackTrace()).limit(5).toList());
            return Optional.of(noted(
                    new Outcome.Failed("our own failure: " + cause.getClass().getSimpleName())));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        }
    }

    /** At a stop: waits a few seconds for the attempt under way, if there is one. */
    Optional<Outcome> awaitEnd() {
        return isRunning() ? await(END_PATIENCE) : Optional.empty();
    }

    /** Forgets the attempt under way: whoever gets the notification next makes another. */
    void abandon() {
        running = null;
    }

    /** Whether what was last tried has waited for as long as it may. */
    boolean isTooLate() {
        return clock.instant()
                .isAfter(oldest.getCreatedAt().plus(receiver.retry().retryFor()));
    }

    /** How long to wait still before the next. */
    Duration pause() {
        return Duration.ofNanos(Math.max(0, notBefore - System.nanoTime()));
    }

    private Outcome noted(Outcome outcome) {
        if (outcome instanceof Outcome.Failed failed) {
            failures++;
            Duration pause = receiver.retry().pause(failures, failed.retryAfter(), ThreadLocalRandom.current());
            notBefore = System.nanoTime() + pause.toNanos();
            if (failures == 1) {
                LOG.warn("receiver {} cannot be reached, trying again: {}", receiver.name(), failed.said());
            } else {
                LOG.debug("receiver {}, failure {}: {}", receiver.name(), failures, failed.said());
            }
        } else {
            if (failures > 0 && outcome instanceof Outcome.Delivered) {
                LOG.info("receiver {} is reached again, after {} failures", receiver.name(), failures);
            }
            failures = 0;
        }
        return outcome;
    }

    @Override
    public void close() {
        sending.shutdownNow();
    }
}
