package dev.tokenmeter.service.streams;

import dev.tokenmeter.service.Health;
import dev.tokenmeter.service.Service;
import dev.tokenmeter.service.ServiceContext;
import dev.tokenmeter.service.SettingException;
import dev.tokenmeter.service.TopicAdmin;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.binder.kafka.KafkaStreamsMetrics;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.streams.CloseOptions;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.errors.StreamsException;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A service that is one topology: topics first, ready when RUNNING, a failed thread replaced (nothing of what it had
 * not committed counts), and a close that leaves the group so that the next start need not wait for the old session.
 * Start and close from one thread.
 */
public final class StreamsApp implements Service {
    private static final Logger LOG = LoggerFactory.getLogger(StreamsApp.class);
    private static final Duration START_PATIENCE = Duration.ofSeconds(60);
    private static final Duration CLOSE_PATIENCE = Duration.ofSeconds(30);
    /** A thread that fails at once, say for want of a registry, must not spin. */
    private static final Duration PAUSE_AFTER_FAILURE = Duration.ofSeconds(1);

    private final Topology topology;
    private final StreamsSettings settings;
    private final ServiceContext context;
    private final Counter failures;
    private final CountDownLatch settled = new CountDownLatch(1);
    private volatile String lastFailure = "";
    private volatile KafkaStreams streams;
    private KafkaStreamsMetrics metrics;

    /** Registers health checks and {@code tokenmeter.streams.thread.failures}; connects to nothing. */
    public StreamsApp(Topology topology, StreamsSettings settings, ServiceContext context) {
        this.topology = topology;
        this.settings = settings;
        this.context = context;
        failures = Counter.builder("tokenmeter.streams.thread.failures")
                .description("Stream threads that failed and were replaced")
                .register(context.meters());
        context.health().readiness("streams", this::readiness);
        context.health().liveness("streams", this::liveness);
    }

    /** The service's section. */
    @Override
    public String name() {
        return settings.section();
    }

    /**
     * Creates missing topics, starts, and waits for RUNNING; a start that takes longer than a minute, say because much
     * state must be restored, goes on in the background and shows in the readiness check.
     *
     * @throws SettingException if the broker cannot be reached or the state directory cannot be used
     */
    @Override
    public void start() throws InterruptedException {
        TopicAdmin.ensureTopics(context.kafka());
        streams = create();
        streams.setUncaughtExceptionHandler(this::replaceThread);
        streams.setStateListener((now, before) -> {
            if (now == KafkaStreams.State.RUNNING || now.hasCompletedShutdown()) {
                settled.countDown();
            }
        });
        metrics = new KafkaStreamsMetrics(streams);
        metrics.bindTo(context.meters());
        streams.start();
        if (!settled.await(START_PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
            LOG.warn("{} is still {}; it goes on starting", settings.applicationId(), streams.state());
        }
    }

    private KafkaStreams create() {
        try {
            return new KafkaStreams(topology, settings.properties(context.kafka()));
        } catch (StreamsException e) {
            throw new SettingException(
                    settings.section() + ".state.dir",
                    settings.stateDir() + " cannot be used (" + e.getMessage() + ")",
                    "a folder that this process alone may write to");
        }
    }

    private StreamThreadExceptionResponse replaceThread(Throwable thrown) {
        failures.increment();
        lastFailure = String.valueOf(thrown.getMessage());
        LOG.error("{}: a stream thread failed and is replaced", settings.applicationId(), thrown);
        try {
            Thread.sleep(PAUSE_AFTER_FAILURE.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return StreamThreadExceptionResponse.REPLACE_THREAD;
    }

    private Health.Status readiness() {
        KafkaStreams.State state = state();
        return state == KafkaStreams.State.RUNNING
                ? Health.Status.ok()
                : Health.Status.down(
                        "state " + state + (lastFailure.isEmpty() ? "" : ", last failure: " + lastFailure));
    }

    private Health.Status liveness() {
        return state() == KafkaStreams.State.ERROR
                ? Health.Status.down("last failure: " + lastFailure)
                : Health.Status.ok();
    }

    private KafkaStreams.State state() {
        KafkaStreams started = streams;
        return started == null ? KafkaStreams.State.CREATED : started.state();
    }

    @Override
    public void close() {
        if (streams == null) {
            return;
        }
        boolean stopped =
                streams.close(CloseOptions.groupMembershipOperation(CloseOptions.GroupMembershipOperation.LEAVE_GROUP)
                        .withTimeout(CLOSE_PATIENCE));
        if (!stopped) {
            LOG.warn("{} did not stop within {} s", settings.applicationId(), CLOSE_PATIENCE.toSeconds());
        }
        if (metrics != null) {
            metrics.close();
        }
    }
}
