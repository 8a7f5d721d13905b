package dev.tokenmeter.pricefeed.update;

import dev.tokenmeter.pricefeed.PriceFeed;
import dev.tokenmeter.pricefeed.PriceWriter;
import dev.tokenmeter.pricing.InvalidPriceException;
import dev.tokenmeter.pricing.lists.PriceList;
import dev.tokenmeter.pricing.lists.PriceLists;
import dev.tokenmeter.service.Health;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Polls a price list and records what changes. Every process that is set to looks at the list, so that each can tell what it
 * would change; only the one that leads records. A list that is away or broken changes nothing. Thread-safe.
 */
public final class PriceUpdates implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(PriceUpdates.class);
    private static final long TICK_MS = 200;
    private static final int LOGGED = 20;

    private final UpdateSettings settings;
    private final ListSource source;
    private final KnownPrices known;
    private final PriceWriter log;
    private final BooleanSupplier leads;
    private final Dismissals dismissals;
    private final UpdateMeters meters;
    private final Clock clock;
    private final Thread thread = new Thread(this::run, "price-updates");
    private volatile boolean closed;
    private PriceList list;
    private List<HeldBack> held = List.of();
    private List<UpdateReport.Change> taken = List.of();
    private Instant attemptedAt;
    private Instant succeededAt;
    private volatile String error;

    /**
     * Polls nothing yet.
     *
     * @param log where changes are recorded
     * @param leads whether this process is the one that records
     * @param dismissals changes that nobody waits for any more
     */
    public PriceUpdates(
            UpdateSettings settings,
            PriceFeed feed,
            PriceWriter log,
            BooleanSupplier leads,
            Dismissals dismissals,
            MeterRegistry meters,
            Clock clock) {
        this(settings, new FeedPrices(feed), log, leads, dismissals, meters, clock);
    }

    PriceUpdates(
            UpdateSettings settings,
            KnownPrices known,
            PriceWriter log,
            BooleanSupplier leads,
            Dismissals dismissals,
            MeterRegistry meters,
            Clock clock) {
        this.settings = settings;
        this.source = settings.file() != null
                ? new FileSource(settings.file(), settings.maxBytes())
                : new HttpSource(settings.url(), settings.timeout(), settings.maxBytes());
        this.known = known;
        this.log = log;
        this.leads = leads;
        this.dismissals = dismissals;
        this.meters = new UpdateMeters(meters);
        this.clock = clock;
        thread.setDaemon(true);
    }

    /** Starts the thread. */
    public void start() {
        thread.start();
    }

    private void run() {
        boolean led = false;
        long next = System.nanoTime();
        try {
            while (!closed) {
                boolean leadsNow = leads.getAsBoolean();
                boolean due = System.nanoTime() - next >= 0 || (leadsNow && !led);
                if (due && known.areRead() && dismissals.areRead()) {
                    led = leadsNow;
                    boolean well = poll();
                    next = System.nanoTime()
                            + (well || settings.retry().compareTo(settings.interval()) > 0
                                            ? settings.interval()
                                            : settings.retry())
                                    .toNanos();
                }
                Thread.sleep(TICK_MS);
            }
        } catch (InterruptedException e) {
            LOG.debug("stopped");
        }
    }

    /** One look at the list; false if it was of no use. */
    boolean poll() throws InterruptedException {
        try {
            byte[] bytes = source.fetch();
            PriceList read = bytes == null ? null : read(bytes);
            apply(read);
            meters.looked(bytes == null ? "unchanged" : "read");
            return true;
        } catch (IOException | RuntimeException e) {
            failed(e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage());
            return false;
        }
    }

    private PriceList read(byte[] bytes) {
        PriceList read = PriceLists.read(bytes, settings.name(), settings.format());
        if (read.prices().isEmpty()) {
            throw new InvalidPriceException(settings.name(), "no price in it", "a price list");
        }
        return read;
    }

    private synchronized void failed(String why) {
        source.forget();
        attemptedAt = now();
        error = why;
        meters.looked("failed");
        LOG.warn("the price list {} is of no use now, prices stay as they are: {}", settings.place(), why);
    }

    private synchronized void apply(PriceList read) throws IOException, InterruptedException {
        if (read != null) {
            list = read;
        }
        attemptedAt = now();
        UpdatePlan plan = plan();
        if (!plan.writes().isEmpty() && leads.getAsBoolean()) {
            log.write(plan.writes());
            taken = plan.taken();
            meters.took(taken.size());
            LOG.info("{} prices changed by the list {}", taken.size(), settings.place());
            taken.stream().limit(LOGGED).forEach(change -> LOG.info("price {}: {}", change.priceId(), change.what()));
        }
        hold(plan.held());
        succeededAt = attemptedAt;
        error = null;
    }

    private UpdatePlan plan() {
        return new UpdatePlan(list, known.recorded(), known.shipped(), settings.name(), now());
    }

    private void hold(List<HeldBack> now) {
        List<String> before = held.stream().map(HeldBack::priceId).toList();
        held = List.copyOf(now);
        List<HeldBack> waiting = held(false);
        waiting.stream()
                .filter(one -> !before.contains(one.priceId()))
                .limit(LOGGED)
                .forEach(one -> LOG.warn("price {} is held back: {}", one.priceId(), one.reason()));
        meters.hold(waiting.size());
    }

    /** What is held back and was dismissed, or was not. */
    private List<HeldBack> held(boolean dismissed) {
        return held.stream()
                .filter(one -> dismissals.covers(one.priceId(), one.reason()) == dismissed)
                .toList();
    }

    /**
     * Lets a change that is held back be: the price stays as it is, and the change is not told again while the list says the
     * same. It can still be accepted. Blocking.
     *
     * @param priceId its id in the list
     * @param by who wants it so
     * @return what was dismissed, in words; empty if nothing of that id waits
     */
    public synchronized Optional<String> dismiss(String priceId, String by) {
        Optional<HeldBack> found = held(false).stream()
                .filter(one -> one.priceId().equals(priceId))
                .findFirst();
        found.ifPresent(one -> {
            dismissals.dismiss(priceId, one.reason(), by);
            LOG.info("price {} stays as it is, {} dismissed: {}", priceId, by, one.reason());
            meters.hold(held(false).size());
        });
        return found.map(HeldBack::reason);
    }

    /**
     * Records a change that was held back, with now as its time. Blocking.
     *
     * @param priceId its id in the list
     * @return what was recorded, in words; empty if nothing of that id is held back, or nothing that can be accepted
     * @throws IOException if it is not known to be recorded
     */
    public synchronized Optional<String> accept(String priceId) throws IOException, InterruptedException {
        Optional<HeldBack> found = held.stream()
                .filter(one -> one.priceId().equals(priceId) && one.onAccept() != null)
                .findFirst();
        if (found.isPresent()) {
            log.write(found.get().onAccept().apply(now()));
            LOG.info("price {} was accepted: {}", priceId, found.get().reason());
            hold(plan().held());
        }
        return found.map(HeldBack::reason);
    }

    private Instant now() {
        return clock.instant().truncatedTo(ChronoUnit.MILLIS);
    }

    /** How it stands. */
    public synchronized UpdateReport report() {
        long unread = list == null
                ? 0
                : list.findings().stream().filter(finding -> !finding.taken()).count();
        return new UpdateReport(
                settings.place(),
                attemptedAt,
                succeededAt,
                error,
                list == null ? 0 : list.prices().size(),
                Math.toIntExact(unread),
                taken,
                told(false),
                told(true),
                leads.getAsBoolean());
    }

    private List<UpdateReport.Held> told(boolean dismissed) {
        return held(dismissed).stream()
                .map(one -> new UpdateReport.Held(one.priceId(), one.reason(), one.onAccept() != null))
                .toList();
    }

    /** Always up, as prices go on without the list; its detail says what is wrong. Waits for nobody. */
    public Health.Status readiness() {
        String why = error;
        return why == null ? Health.Status.ok() : new Health.Status(true, settings.place() + ": " + why);
    }

    @Override
    public void close() {
        closed = true;
        thread.interrupt();
    }
}
