package dev.tokenmeter.queryapi.reprice;

import com.fasterxml.uuid.Generators;
import dev.tokenmeter.pricing.Pricer;
import dev.tokenmeter.queryapi.problem.Problem;
import dev.tokenmeter.service.KafkaSettings;
import dev.tokenmeter.storage.query.StoredEvents;
import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Runs jobs one after the other and remembers the last of them, until this process ends. Thread-safe. */
public final class RepriceJobs implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(RepriceJobs.class);
    private static final int MAX_WAITING = 16;
    private static final int MAX_REMEMBERED = 200;

    private final Repricer repricer;
    private final Clock clock;
    private final ThreadPoolExecutor thread = new ThreadPoolExecutor(
            1, 1, 0, TimeUnit.SECONDS, new ArrayBlockingQueue<>(MAX_WAITING + 1), task -> daemon(task));
    private final Map<String, RepriceJob> jobs = new LinkedHashMap<>();

    /**
     * Runs nothing yet.
     *
     * @param kafka where corrections go
     * @param sinkGroup the consumer group of who stores them
     */
    public RepriceJobs(StoredEvents events, Pricer pricer, KafkaSettings kafka, String sinkGroup, Clock clock) {
        this(
                new Repricer(
                        events, pricer, () -> new CorrectionLog(kafka), new StoreLag(kafka, sinkGroup)::await, clock),
                clock);
    }

    RepriceJobs(Repricer repricer, Clock clock) {
        this.repricer = repricer;
        this.clock = clock;
    }

    private static Thread daemon(Runnable task) {
        Thread thread = new Thread(task, "reprice");
        thread.setDaemon(true);
        return thread;
    }

    /** A job and its end. */
    record Started(RepriceJob job, Future<?> end) {}

    /** @throws Problem.Exception 503 when too many wait */
    synchronized Started start(Repricing asked) {
        if (thread.getQueue().size() >= MAX_WAITING) {
            throw tooMany();
        }
        return startOwn(asked);
    }

    /**
     * For the one who prices by itself what had no price, one job after the other: there is a place for it always.
     *
     * @throws Problem.Exception 503 when the place is taken
     */
    synchronized Started startOwn(Repricing asked) {
        String id = "rep_"
                + Generators.timeBasedEpochGenerator().generate().toString().replace("-", "");
        RepriceJob job = new RepriceJob(id, asked, clock.instant());
        try {
            Future<?> end = thread.submit(() -> run(job));
            remember(job);
            return new Started(job, end);
        } catch (RejectedExecutionException e) {
            throw tooMany();
        }
    }

    private static RuntimeException tooMany() {
        return Problem.unavailable("Too many re-pricings wait; try again later.");
    }

    private void run(RepriceJob job) {
        try {
            repricer.run(job);
        } catch (RuntimeException e) {
            LOG.warn("re-pricing {} broke off", job.id(), e);
            job.failed(
                    e instanceof Problem.Exception told ? told.problem().detail() : "It broke off; the log says why.");
        }
    }

    private void remember(RepriceJob job) {
        synchronized (jobs) {
            jobs.put(job.id(), job);
            if (jobs.size() > MAX_REMEMBERED) {
                jobs.remove(jobs.keySet().iterator().next());
            }
        }
    }

    Optional<RepriceJob> get(String id) {
        synchronized (jobs) {
            return Optional.ofNullable(jobs.get(id));
        }
    }

    /** The latest last. */
    List<RepriceJob> all() {
        synchronized (jobs) {
            return List.copyOf(jobs.values());
        }
    }

    @Override
    public void close() {
        thread.shutdownNow();
    }
}
