package dev.tokenmeter.queryapi.reprice;

import dev.tokenmeter.pricefeed.PriceFeed;
import dev.tokenmeter.schemas.Topics;
import dev.tokenmeter.service.Health;
import dev.tokenmeter.service.KafkaSettings;
import dev.tokenmeter.service.TopicAdmin;
import dev.tokenmeter.storage.query.EventFilter;
import dev.tokenmeter.storage.query.TimeRange;
import dev.tokenmeter.storage.query.UnpricedArrivals;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Prices what had no price as soon as one arrives. All query APIs are in one consumer group on {@code llm.prices.v1}, so that
 * one of them does it: the one to whom Kafka gives the topic's partition, until it dies. It looks at all unpriced events
 * after prices arrived, now and then at the last hour's, for those that a gateway metered just before it knew the price, and
 * each hour at what came since, for those that a gateway could not send for long.
 */
public final class AutoReprice implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(AutoReprice.class);
    private static final String GROUP = "tokenmeter-auto-reprice";
    private static final Duration POLL = Duration.ofSeconds(1);
    private static final Duration PAUSE = Duration.ofSeconds(2);
    private static final Duration CLOSE_PATIENCE = Duration.ofSeconds(5);
    private static final Duration LOOK_AGAIN = Duration.ofMinutes(2);
    private static final Duration LOOK_FOR_LATE = Duration.ofHours(1);
    private static final String LONGEST_RUN_MS =
            Long.toString(Duration.ofHours(6).toMillis());

    private final KafkaSettings kafka;
    private final PriceFeed prices;
    private final RepriceJobs jobs;
    private final UnpricedArrivals arrivals;
    private final Duration correctableFor;
    private final Clock clock;
    private final Thread thread = new Thread(this::run, "auto-reprice");
    private final CountDownLatch closed = new CountDownLatch(1);
    private volatile KafkaConsumer<String, byte[]> consumer;
    private volatile boolean leads;
    private volatile String error;

    /**
     * Looks at nothing yet.
     *
     * @param correctableFor how far back events may be corrected
     */
    public AutoReprice(
            KafkaSettings kafka,
            PriceFeed prices,
            RepriceJobs jobs,
            UnpricedArrivals arrivals,
            Duration correctableFor,
            Clock clock) {
        this.kafka = kafka;
        this.prices = prices;
        this.jobs = jobs;
        this.arrivals = arrivals;
        this.correctableFor = correctableFor;
        this.clock = clock;
        thread.setDaemon(true);
    }

    /** Starts the thread. */
    public void start() {
        thread.start();
    }

    /** Whether this is the one of all query APIs that does what only one should do. */
    public boolean leads() {
        return leads;
    }

    /** Always up, as everything else goes on; its detail says what is wrong. */
    public Health.Status readiness() {
        String why = error;
        return why == null ? Health.Status.ok() : new Health.Status(true, "unpriced events stay so: " + why);
    }

    private void run() {
        while (!isClosed()) {
            try {
                TopicAdmin.ensureTopics(kafka);
                follow();
            } catch (WakeupException | InterruptedException e) {
                LOG.debug("stopped");
            } catch (ExecutionException | RuntimeException e) { // whatever it is, the next attempt may do
                error = String.valueOf(e.getMessage());
                LOG.warn("cannot price what has no price yet, trying again: {}", error);
                closedWithin(PAUSE);
            } finally {
                leads = false;
            }
        }
    }

    private boolean isClosed() {
        return closed.getCount() == 0;
    }

    private void follow() throws InterruptedException, ExecutionException {
        Map<String, Object> configs = kafka.consumer(GROUP);
        configs.put(ConsumerConfig.MAX_POLL_INTERVAL_MS_CONFIG, LONGEST_RUN_MS);
        try (var mine = new KafkaConsumer<>(configs, new StringDeserializer(), new ByteArrayDeserializer())) {
            consumer = mine;
            mine.subscribe(List.of(Topics.PRICES.topicName()));
            Instant lookedAt = clock.instant();
            Instant lookedForLateAt = lookedAt;
            while (!isClosed()) {
                boolean arrived = !mine.poll(POLL).isEmpty();
                leads = !mine.assignment().isEmpty();
                if (arrived) {
                    priceFrom(clock.instant().minus(correctableFor), "a price arrived");
                    mine.commitSync();
                } else if (leads && lookedForLateAt.plus(LOOK_FOR_LATE).isBefore(clock.instant())) {
                    priceLate();
                    lookedForLateAt = clock.instant();
                } else if (leads && lookedAt.plus(LOOK_AGAIN).isBefore(clock.instant())) {
                    priceFrom(
                            clock.instant().minus(Duration.ofHours(1)), "its price arrived about when it was metered");
                } else {
                    continue;
                }
                lookedAt = clock.instant();
                error = null;
            }
        }
    }

    /** What came since the last look, however old it is. */
    private void priceLate() throws InterruptedException, ExecutionException {
        UnpricedArrivals.Arrived arrived =
                arrivals.within(new TimeRange(clock.instant().minus(correctableFor), clock.instant()));
        if (arrived.range().isPresent()) {
            price(arrived.range().get(), "it came after its price");
        }
        arrivals.remember(arrived);
    }

    private void priceFrom(Instant from, String reason) throws InterruptedException, ExecutionException {
        price(new TimeRange(from, clock.instant()), reason);
    }

    /** Waits for the end: a price counts as dealt with when its events are corrected. */
    private void price(TimeRange range, String reason) throws InterruptedException, ExecutionException {
        while (!prices.readiness().up()) {
            pause(POLL);
        }
        pause(PAUSE); // the feed reads the topic for itself, and so do the gateways
        EventFilter unpriced = new EventFilter(range, Map.of(), true);
        RepriceJobs.Started started = jobs.startOwn(new Repricing(unpriced, false, "auto-reprice", reason));
        while (!started.end().isDone()) {
            pause(POLL);
        }
        started.end().get();
        RepriceJob.Progress progress = started.job().progress();
        if (progress.state() == RepriceJob.State.FAILED) {
            throw new IllegalStateException(progress.failure());
        }
        if (progress.sum().changed() > 0) {
            LOG.info(
                    "{} events that had no price are priced now", progress.sum().changed());
        }
    }

    /** No interrupts: they would break the consumer's own close. */
    private void pause(Duration duration) {
        if (closedWithin(duration)) {
            throw new WakeupException();
        }
    }

    private boolean closedWithin(Duration duration) {
        try {
            return closed.await(duration.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return true;
        }
    }

    /** Stops the thread; waits for it a few seconds. */
    @Override
    public void close() {
        closed.countDown();
        KafkaConsumer<String, byte[]> mine = consumer;
        if (mine != null) {
            mine.wakeup();
        }
        try {
            thread.join(CLOSE_PATIENCE.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
