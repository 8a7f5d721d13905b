package dev.tokenmeter.gateway.proxy;

import dev.tokenmeter.gateway.attribution.Authenticator;
import dev.tokenmeter.gateway.batch.BatchConfig;
import dev.tokenmeter.gateway.batch.Batches;
import dev.tokenmeter.gateway.cap.Caps;
import dev.tokenmeter.gateway.coding.Decoders;
import dev.tokenmeter.gateway.dialect.JsonExcerpt;
import dev.tokenmeter.gateway.dialect.UsageReader;
import dev.tokenmeter.gateway.estimate.Estimator;
import dev.tokenmeter.gateway.limit.RateLimits;
import dev.tokenmeter.gateway.observe.Observers;
import dev.tokenmeter.gateway.outbox.Outbox;
import dev.tokenmeter.gateway.upstream.Upstreams;
import dev.tokenmeter.pricing.Pricer;
import dev.tokenmeter.service.Health;
import dev.tokenmeter.service.SettingException;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** The proxy's event loops and its port. {@link #start} and {@link #close} block their caller. */
public final class ProxyServer implements AutoCloseable {
    private static final Duration METERING_PATIENCE = Duration.ofSeconds(5);

    private final ProxyConfig config;
    private final ProxyHandler.Shared shared;
    private final GatewayMetrics metrics;
    private final HangUps hangUps;
    private final Upstreams upstreams;
    private final Health health;
    private volatile boolean draining;
    private final List<ProxyVerticle> verticles = new CopyOnWriteArrayList<>();
    private Vertx vertx;

    /** Connects to nothing yet. */
    public ProxyServer(
            ProxyConfig config,
            HangUpConfig hangUpConfig,
            Estimator estimator,
            Authenticator authenticator,
            Caps caps,
            Pricer pricer,
            Outbox outbox,
            Batches batches,
            BatchConfig batchConfig,
            Observers observers,
            MeterRegistry meters,
            Health health) {
        this.config = config;
        this.health = health;
        this.hangUps = new HangUps(hangUpConfig, meters);
        this.metrics = new GatewayMetrics(meters, config.maxModels());
        this.upstreams = upstreams(config, meters);
        EventAssembler events = new EventAssembler(config.gatewayId(), caps.run(), Clock.systemUTC());
        CallReport report = new CallReport(observers.accessLog(), Clock.systemUTC());
        CallMeter meter = new CallMeter(estimator, events, pricer, caps, metrics, report);
        RequestBody.Shared bodies = new RequestBody.Shared(
                config.maxRequestBodyBytes(), new HeldBytes(config.maxHeldBytes(), meters), new Decoders(meters));
        Exchange.Shared exchange = new Exchange.Shared(
                config,
                bodies,
                authenticator,
                JsonExcerpt.factory(Integer.MAX_VALUE),
                new UsageReader.Factory(config.maxUsageBodyBytes()),
                new Target.Table(config.providers(), upstreams),
                caps,
                new RateLimits(meters),
                estimator,
                hangUps,
                meter,
                batches,
                new Background(batches, caps, batchConfig, meters, Clock.systemUTC()),
                metrics,
                observers.tracing());
        this.shared = new ProxyHandler.Shared(
                new Route.Table(config.providers()), authenticator, outbox, health, exchange, report);
    }

    private static Upstreams upstreams(ProxyConfig config, MeterRegistry meters) {
        Upstreams upstreams = new Upstreams(meters);
        config.providers()
                .forEach(provider -> upstreams.add(provider.name(), provider.upstreams(), provider.breaker()));
        return upstreams;
    }

    /**
     * Binds the port and serves.
     *
     * @throws SettingException if the port cannot be bound
     */
    public void start() {
        health.readiness("proxy", () -> draining ? Health.Status.down("stopping") : Health.Status.ok());
        vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(config.eventLoops()));
        int port = config.port() == 0 ? freePort() : config.port();
        DeploymentOptions options = new DeploymentOptions().setInstances(config.eventLoops());
        try {
            await(vertx.deployVerticle(() -> verticle(port), options));
        } catch (CompletionException e) {
            if (e.getCause() instanceof BindException) {
                throw new SettingException(
                        "gateway.port", "port " + config.port() + " on " + config.host() + " is in use", "a free port");
            }
            throw e;
        }
    }

    /** Event loops share a port only when all name it, so it has to be known beforehand. */
    private int freePort() {
        try (ServerSocket probe = new ServerSocket(0, 1, InetAddress.getByName(config.host()))) {
            return probe.getLocalPort();
        } catch (IOException e) {
            throw new SettingException(
                    "gateway.host", config.host() + " cannot be bound", "an address of this machine");
        }
    }

    private ProxyVerticle verticle(int port) {
        ProxyVerticle verticle = new ProxyVerticle(config, shared, upstreams, port);
        verticles.add(verticle);
        return verticle;
    }

    private static <T> T await(Future<T> future) {
        return future.toCompletionStage().toCompletableFuture().join();
    }

    /** The port that was bound. */
    public int port() {
        return verticles.get(0).port();
    }

    /** Calls whose connections have ended may still be on their way to the outbox. */
    private void awaitMetering() {
        long deadline = System.nanoTime() + METERING_PATIENCE.toNanos();
        while (metrics.active() > 0 && System.nanoTime() < deadline) {
            LockSupport.parkNanos(1_000_000);
        }
    }

    /** Takes no more connections, lets calls under way end within the drain timeout, breaks off the rest. */
    @Override
    public void close() {
        if (vertx == null) {
            return;
        }
        draining = true;
        hangUps.close();
        List<Future<Void>> drained =
                verticles.stream().map(ProxyVerticle::shutdown).toList();
        Future.join(drained)
                .toCompletionStage()
                .toCompletableFuture()
                .completeOnTimeout(null, config.drainTimeout().toMillis() + 5_000, TimeUnit.MILLISECONDS)
                .exceptionally(failure -> null)
                .join();
        hangUps.cancelAll();
        awaitMetering();
        await(vertx.close());
        vertx = null;
    }
}
