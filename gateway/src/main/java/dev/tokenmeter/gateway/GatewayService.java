package dev.tokenmeter.gateway;

import dev.tokenmeter.gateway.attribution.Authenticator;
import dev.tokenmeter.gateway.attribution.KeyDirectory;
import dev.tokenmeter.gateway.batch.BatchDirectory;
import dev.tokenmeter.gateway.batch.BatchLog;
import dev.tokenmeter.gateway.batch.Batches;
import dev.tokenmeter.gateway.batch.KafkaBatchLog;
import dev.tokenmeter.gateway.cap.BudgetDirectory;
import dev.tokenmeter.gateway.cap.CapConfig;
import dev.tokenmeter.gateway.cap.Caps;
import dev.tokenmeter.gateway.estimate.Estimator;
import dev.tokenmeter.gateway.observe.Observers;
import dev.tokenmeter.gateway.outbox.EventSink;
import dev.tokenmeter.gateway.outbox.KafkaEventSink;
import dev.tokenmeter.gateway.outbox.Outbox;
import dev.tokenmeter.gateway.proxy.ProxyServer;
import dev.tokenmeter.pricefeed.PriceFeed;
import dev.tokenmeter.pricing.Pricer;
import dev.tokenmeter.schemas.Topics;
import dev.tokenmeter.service.Health;
import dev.tokenmeter.service.Service;
import dev.tokenmeter.service.ServiceContext;
import dev.tokenmeter.service.TopicAdmin;
import dev.tokenmeter.service.topics.CompactedFollower;
import dev.tokenmeter.service.topics.CompactedView;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.apache.avro.generic.IndexedRecord;

/**
 * The metering proxy. It starts, and serves callers who bring their provider's key, also while Kafka is away; callers with
 * virtual keys are served once the keys have been read, which readiness tells.
 */
public final class GatewayService implements Service {
    private final GatewayConfig config;
    private final ServiceContext context;
    private final Pricer pricer;
    private final KeyDirectory keys;
    private final Supplier<EventSink> sinks;
    private final BudgetDirectory budgets;
    private final BatchDirectory batches;
    private BatchLog batchLog;
    private final PriceFeed prices;
    private final List<CompactedFollower<?>> followers = new ArrayList<>();
    private Observers observers;
    private Outbox outbox;
    private Estimator estimator;
    private ProxyServer proxy;

    /** @param prices puts a cost on each event; started and closed with the gateway */
    public GatewayService(GatewayConfig config, ServiceContext context, PriceFeed prices) {
        this(
                config,
                context,
                prices,
                prices.pricer(),
                new KeyDirectory(),
                new BudgetDirectory(Clock.systemUTC(), config.caps().dimensions()),
                new BatchDirectory(config.batches().maxKnown()),
                () -> kafkaSink(context, config.proxy().gatewayId()),
                null);
    }

    /** The topic must be there with its settings before a broker makes it with its own. */
    private static EventSink kafkaSink(ServiceContext context, String gatewayId) {
        TopicAdmin.ensureTopics(context.kafka());
        return new KafkaEventSink(context.kafka(), "gateway-" + gatewayId);
    }

    /** For tests that bring keys, budgets, batches and a sink of their own. */
    GatewayService(
            GatewayConfig config,
            ServiceContext context,
            Pricer pricer,
            KeyDirectory keys,
            BudgetDirectory budgets,
            BatchDirectory batches,
            Supplier<EventSink> sinks,
            BatchLog batchLog) {
        this(config, context, null, pricer, keys, budgets, batches, sinks, batchLog);
    }

    private GatewayService(
            GatewayConfig config,
            ServiceContext context,
            PriceFeed prices,
            Pricer pricer,
            KeyDirectory keys,
            BudgetDirectory budgets,
            BatchDirectory batches,
            Supplier<EventSink> sinks,
            BatchLog batchLog) {
        this.config = config;
        this.context = context;
        this.prices = prices;
        this.pricer = pricer;
        this.keys = keys;
        this.sinks = sinks;
        this.budgets = budgets;
        this.batches = batches;
        this.batchLog = batchLog;
    }

    @Override
    public String name() {
        return "gateway";
    }

    /** The port that was bound; to be asked after {@link #start}. */
    public int port() {
        return proxy.port();
    }

    @Override
    public void start() {
        observers = Observers.open(config.observe(), config.proxy().gatewayId(), context.meters());
        Caps caps = new Caps(config.caps(), budgets, pricer, context.meters(), Clock.systemUTC());
        LeftoverSpend leftovers = new LeftoverSpend(budgets, caps);
        Outbox opened = new Outbox(config.outbox(), sinks, leftovers, context.meters(), Clock.systemUTC());
        outbox = opened;
        leftovers.begin(opened);
        context.health().readiness("keys", this::keysHealth);
        context.health().readiness("outbox", () -> healthOf(opened));
        if (config.caps().whenUnknown() != CapConfig.WhenUnknown.OPEN) {
            context.health().readiness("budgets", this::budgetsHealth);
        }
        if (batchLog == null) {
            follow(Topics.KEYS, "keys", keys);
            follow(Topics.BUDGETS, "budgets", budgets.definitions());
            follow(Topics.BUDGET_STATUS, "budget statuses", budgets.statuses());
            follow(Topics.BATCHES, "batches", batches);
            batchLog = new KafkaBatchLog(
                    context.kafka(), "gateway-batches-" + config.proxy().gatewayId(), context.meters());
        }
        if (prices != null) {
            context.health().readiness("prices", prices::readiness);
            prices.start();
        }
        Authenticator authenticator =
                new Authenticator(config.attribution(), keys, context.meters(), Clock.systemUTC());
        estimator = new Estimator(config.estimates(), context.meters());
        proxy = new ProxyServer(
                config.proxy(),
                config.hangUps(),
                estimator,
                authenticator,
                caps,
                pricer,
                outbox,
                new Batches(batches, batchLog, Clock.systemUTC()),
                config.batches(),
                observers,
                context.meters(),
                context.health());
        proxy.start();
    }

    private <T extends IndexedRecord> void follow(Topics topic, String name, CompactedView<T> view) {
        CompactedFollower<T> follower =
                new CompactedFollower<>(topic, name(), name, context.kafka(), view, context.meters());
        followers.add(follower);
        follower.start();
    }

    private Health.Status budgetsHealth() {
        return budgets.isCaughtUp()
                ? Health.Status.ok()
                : Health.Status.down("the budgets and their spend have not been read yet");
    }

    private Health.Status keysHealth() {
        return keys.isCaughtUp() ? Health.Status.ok() : Health.Status.down("the key topic has not been read yet");
    }

    private static Health.Status healthOf(Outbox outbox) {
        if (outbox.diskFailed()) {
            return Health.Status.down("a write failed; see the log");
        }
        return outbox.isFull()
                ? Health.Status.down("full: " + outbox.depth() + " events wait for Kafka")
                : Health.Status.ok();
    }

    /** Lets calls under way end, then keeps and sends their events. */
    @Override
    public void close() {
        closeAll(proxy, estimator, this::closeFollowers, batchLog, outbox, observers);
        proxy = null;
        estimator = null;
        outbox = null;
        observers = null;
    }

    private void closeFollowers() {
        if (prices != null) {
            prices.close();
        }
        followers.forEach(CompactedFollower::close);
        followers.clear();
    }

    private interface Closing extends AutoCloseable {
        @Override
        void close();
    }

    private static void closeAll(
            ProxyServer proxy,
            Estimator estimator,
            Closing followers,
            BatchLog batchLog,
            Outbox outbox,
            Observers observers) {
        try (observers;
                outbox;
                batchLog;
                followers;
                estimator;
                proxy) {
            // resources close in reverse: calls end first, so that their events find the outbox open
        }
    }
}
