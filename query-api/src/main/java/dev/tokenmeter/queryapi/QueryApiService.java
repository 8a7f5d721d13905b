package dev.tokenmeter.queryapi;

import dev.tokenmeter.pricefeed.PriceFeed;
import dev.tokenmeter.pricefeed.PriceLog;
import dev.tokenmeter.pricefeed.update.PriceUpdates;
import dev.tokenmeter.queryapi.access.Access;
import dev.tokenmeter.queryapi.access.LoopbackGuard;
import dev.tokenmeter.queryapi.access.TokenGuard;
import dev.tokenmeter.queryapi.bills.BillEndpoint;
import dev.tokenmeter.queryapi.bills.BillLog;
import dev.tokenmeter.queryapi.control.BudgetEndpoints;
import dev.tokenmeter.queryapi.control.CompactedTopic;
import dev.tokenmeter.queryapi.control.KeyEndpoints;
import dev.tokenmeter.queryapi.control.RuleEndpoints;
import dev.tokenmeter.queryapi.control.SilenceEndpoints;
import dev.tokenmeter.queryapi.grafana.GrafanaEndpoints;
import dev.tokenmeter.queryapi.http.Endpoints;
import dev.tokenmeter.queryapi.http.SecurityHeaders;
import dev.tokenmeter.queryapi.http.Workers;
import dev.tokenmeter.queryapi.ingest.IngestEndpoints;
import dev.tokenmeter.queryapi.ingest.UsageLog;
import dev.tokenmeter.queryapi.prices.EffectivePrices;
import dev.tokenmeter.queryapi.prices.LoggedDismissals;
import dev.tokenmeter.queryapi.prices.PriceEndpoints;
import dev.tokenmeter.queryapi.prices.UpdateEndpoints;
import dev.tokenmeter.queryapi.reconcile.ReconciliationEndpoint;
import dev.tokenmeter.queryapi.reprice.AutoReprice;
import dev.tokenmeter.queryapi.reprice.RepriceEndpoints;
import dev.tokenmeter.queryapi.reprice.RepriceJobs;
import dev.tokenmeter.queryapi.usage.JournalEndpoints;
import dev.tokenmeter.queryapi.usage.UsageEndpoint;
import dev.tokenmeter.queryapi.usage.ViewEndpoints;
import dev.tokenmeter.queryapi.whatif.WhatIfEndpoint;
import dev.tokenmeter.schemas.AlertRule;
import dev.tokenmeter.schemas.AlertSilence;
import dev.tokenmeter.schemas.ApiKey;
import dev.tokenmeter.schemas.Budget;
import dev.tokenmeter.schemas.PriceDismissal;
import dev.tokenmeter.schemas.PricingClass;
import dev.tokenmeter.schemas.Topics;
import dev.tokenmeter.service.Service;
import dev.tokenmeter.service.ServiceContext;
import dev.tokenmeter.service.SettingException;
import dev.tokenmeter.service.TopicAdmin;
import dev.tokenmeter.storage.clickhouse.ClickHouse;
import dev.tokenmeter.storage.query.CostParts;
import dev.tokenmeter.storage.query.Journal;
import dev.tokenmeter.storage.query.LedgerCheck;
import dev.tokenmeter.storage.query.ModelDays;
import dev.tokenmeter.storage.query.ProviderBills;
import dev.tokenmeter.storage.query.QuantityQueries;
import dev.tokenmeter.storage.query.RollupCatalogue;
import dev.tokenmeter.storage.query.StoredEvents;
import dev.tokenmeter.storage.query.UnpricedArrivals;
import dev.tokenmeter.storage.query.UsageQueries;
import dev.tokenmeter.storage.query.Views;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.handler.BodyHandler;
import java.net.BindException;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/** REST over ClickHouse and the control topics, and the dashboard page. */
public final class QueryApiService implements Service {
    static final String NAME = "query-api";
    private static final int MAX_BODY_BYTES = 64 * 1024;
    private static final int PATIENCE_SECONDS = 10;

    private final QueryApiConfig config;
    private final ServiceContext context;
    private final Clock clock;
    private final ClickHouse clickHouse;
    private final StoreWatch watch;
    private final Workers workers;
    private final CompactedTopic<Budget> budgets;
    private final CompactedTopic<ApiKey> keys;
    private final CompactedTopic<AlertSilence> silences;
    private final CompactedTopic<AlertRule> alertRules;
    private final CompactedTopic<PriceDismissal> dismissals;
    private final PriceFeed prices;
    private final PriceLog priceLog;
    private final BillLog billLog;
    private final UsageLog usageLog;
    private final RepriceJobs reprices;
    private final AutoReprice autoReprice;
    private final Optional<PriceUpdates> priceUpdates;
    private Vertx vertx;
    private HttpServer server;

    /**
     * Connects to nothing yet.
     *
     * @param prices started and closed with the service
     */
    public QueryApiService(QueryApiConfig config, ServiceContext context, PriceFeed prices) {
        this(config, context, prices, Clock.systemUTC());
    }

    QueryApiService(QueryApiConfig config, ServiceContext context, PriceFeed prices, Clock clock) {
        this.config = config;
        this.context = context;
        this.clock = clock;
        this.clickHouse = new ClickHouse(config.clickHouse(), config.workers() + 2, querySettings(config));
        this.watch = new StoreWatch(clickHouse);
        this.workers = new Workers(config.workers(), config.maxWaiting(), context.meters());
        this.budgets = new CompactedTopic<>(context, Topics.BUDGETS, "budgets");
        this.keys = new CompactedTopic<>(context, Topics.KEYS, "keys");
        this.silences = new CompactedTopic<>(context, Topics.SILENCES, "silences");
        this.alertRules = new CompactedTopic<>(context, Topics.ALERT_RULES, "alert_rules");
        this.dismissals = new CompactedTopic<>(context, Topics.PRICE_DISMISSALS, "dismissals");
        this.prices = prices;
        this.priceLog = new PriceLog(context, prices);
        this.billLog = new BillLog(context.kafka());
        this.usageLog = new UsageLog(context.kafka());
        this.reprices = new RepriceJobs(
                new StoredEvents(clickHouse), prices.pricer(), context.kafka(), config.sinkGroup(), clock);
        this.autoReprice = new AutoReprice(
                context.kafka(), prices, reprices, new UnpricedArrivals(clickHouse), config.correctableFor(), clock);
        this.priceUpdates = prices.updates()
                .map(polled -> new PriceUpdates(
                        polled,
                        prices,
                        priceLog,
                        autoReprice::leads,
                        new LoggedDismissals(dismissals, clock),
                        context.meters(),
                        clock));
        priceUpdates.ifPresent(updates -> context.health().readiness("price-updates", updates::readiness));
        context.health().readiness("auto-reprice", autoReprice::readiness);
        context.health().readiness("clickhouse", watch::status);
        context.health().readiness("prices", prices::readiness);
        context.health().readiness("budgets", budgets::readiness);
        context.health().readiness("keys", keys::readiness);
        context.health().readiness("silences", silences::readiness);
        context.health().readiness("alert-rules", alertRules::readiness);
    }

    private static Map<String, String> querySettings(QueryApiConfig config) {
        return Map.of(
                "do_not_merge_across_partitions_select_final",
                "1",
                "max_execution_time",
                Long.toString(Math.max(1, config.maxQueryTime().toSeconds())));
    }

    @Override
    public String name() {
        return NAME;
    }

    /** The port that was bound. */
    public int port() {
        return server.actualPort();
    }

    @Override
    public void start() throws Exception {
        TopicAdmin.ensureTopics(context.kafka());
        budgets.start();
        keys.start();
        silences.start();
        alertRules.start();
        dismissals.start();
        prices.start();
        priceLog.start();
        billLog.start();
        usageLog.start();
        autoReprice.start();
        priceUpdates.ifPresent(PriceUpdates::start);
        watch.start();
        vertx = Vertx.vertx();
        // Vert.x does not unpack the body of a request that asks to go on in HTTP/2, as Java's client does of itself.
        HttpServerOptions options = new HttpServerOptions()
                .setHttp2ClearTextEnabled(false)
                .setCompressionSupported(true)
                .setDecompressionSupported(true);
        server = vertx.createHttpServer(options).requestHandler(router());
        listen();
    }

    private void listen() throws InterruptedException, TimeoutException {
        try {
            server.listen(config.port(), config.host())
                    .toCompletionStage()
                    .toCompletableFuture()
                    .get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            String found = e.getCause() instanceof BindException
                    ? "port " + config.port() + " on " + config.host() + " is in use"
                    : String.valueOf(e.getCause().getMessage());
            throw new SettingException("query-api.port", found, "a free port");
        }
    }

    private Router router() {
        Router router = Router.router(vertx);
        for (int status : new int[] {400, 401, 403, 404, 405, 413, 415, 422, 500, 503}) {
            router.errorHandler(status, Endpoints::fail);
        }
        router.route().handler(SecurityHeaders::add);
        HealthRoutes.add(router, context.health());
        router.route("/api/*")
                .handler(config.tokens().isEmpty() ? new LoopbackGuard() : new TokenGuard(config.tokens()))
                .failureHandler(Endpoints::fail);
        router.route("/api/*").handler(routed -> {
            if (!IngestEndpoints.isFor(routed)) {
                Access.of(routed).requireReader();
            }
            routed.next();
        });
        // Before so much is read.
        takeMore(router, BillEndpoint.PATH, Access::requireAdmin, config.maxImportBytes());
        takeMore(
                router,
                IngestEndpoints.EVENTS,
                Access::requireIngest,
                config.ingest().maxBytes());
        takeMore(
                router,
                IngestEndpoints.TRACES,
                Access::requireIngest,
                config.ingest().maxBytes());
        router.route("/api/*").handler(BodyHandler.create(false).setBodyLimit(MAX_BODY_BYTES));
        register(new Endpoints(router, workers, context.meters()));
        PageRoutes.add(router);
        return router;
    }

    private static void takeMore(Router router, String path, Consumer<Access> guard, int maxBytes) {
        router.post(path).handler(routed -> {
            guard.accept(Access.of(routed));
            routed.next();
        });
        router.post(path).handler(BodyHandler.create(false).setBodyLimit(maxBytes));
    }

    private void register(Endpoints endpoints) {
        RollupCatalogue rollups = RollupCatalogue.checked(config.rollupGroups(), clickHouse);
        UsageQueries usage = new UsageQueries(clickHouse, rollups, clock);
        new UsageEndpoint(usage, clock).register(endpoints);
        new ViewEndpoints(new Views(usage, new CostParts(clickHouse), clock), clock).register(endpoints);
        Set<String> offered = config.rollupGroups().values().stream()
                .flatMap(List::stream)
                .filter(name -> !name.equals(PricingClass.DIMENSION))
                .collect(Collectors.toSet());
        new GrafanaEndpoints(usage, new Journal(clickHouse), offered, clock).register(endpoints);
        new JournalEndpoints(new Journal(clickHouse), new LedgerCheck(clickHouse), clock).register(endpoints);
        new BudgetEndpoints(budgets, config.budgetDimensions(), clock).register(endpoints);
        new KeyEndpoints(keys, clock).register(endpoints);
        new SilenceEndpoints(silences, clock).register(endpoints);
        new RuleEndpoints(alertRules, clock).register(endpoints);
        new UpdateEndpoints(priceUpdates).register(endpoints);
        new EffectivePrices(prices, clock).register(endpoints);
        new PriceEndpoints(prices, priceLog, clock).register(endpoints);
        new WhatIfEndpoint(new QuantityQueries(clickHouse, rollups), prices, clock).register(endpoints);
        new BillEndpoint(billLog, clock).register(endpoints);
        new ReconciliationEndpoint(new ModelDays(clickHouse, rollups), new ProviderBills(clickHouse), clock)
                .register(endpoints);
        new IngestEndpoints(config.ingest(), prices.pricer(), usageLog, context.meters(), clock).register(endpoints);
        new RepriceEndpoints(reprices, config.correctableFor(), clock).register(endpoints);
    }

    @Override
    public void close() {
        if (vertx != null) {
            vertx.close()
                    .toCompletionStage()
                    .toCompletableFuture()
                    .orTimeout(PATIENCE_SECONDS, TimeUnit.SECONDS)
                    .join();
        }
        workers.close();
        priceUpdates.ifPresent(PriceUpdates::close);
        autoReprice.close();
        reprices.close();
        priceLog.close();
        billLog.close();
        usageLog.close();
        prices.close();
        dismissals.close();
        watch.close();
        budgets.close();
        keys.close();
        silences.close();
        clickHouse.close();
    }
}
