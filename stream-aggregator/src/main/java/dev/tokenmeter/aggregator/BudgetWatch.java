package dev.tokenmeter.aggregator;

import dev.tokenmeter.schemas.BudgetStatus;
import dev.tokenmeter.schemas.budget.BudgetPeriod.Span;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.ContextualProcessor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;

/**
 * Counts charges against the budgets of their tenant, in the period into which each falls, late ones as well; and says what
 * is spent: ten times a second of what has changed, at once of a budget that is defined, changed or removed (a closing
 * status and a tombstone for each of its periods), and of all when a new period begins, traffic or not; once a minute with
 * another forecast, where that has changed.
 */
final class BudgetWatch extends ContextualProcessor<TenantKey, BudgetInput, String, BudgetStatus> {
    private static final Duration TICK = Duration.ofMillis(100);
    private static final Duration FORECAST_TICK = Duration.ofSeconds(1);

    private final long retentionMs;
    private final Map<TenantKey, Instant> announcedUntil = new HashMap<>();
    private SpendCells cells;
    private PeriodSpends spends;
    private BudgetForecasts forecasts;
    private BudgetBook book;
    private Unsaid unsaid;

    /** @param retention how long spend is kept against event time, beyond the end of a budget's period */
    BudgetWatch(Duration retention) {
        this.retentionMs = retention.toMillis();
    }

    static String[] storeNames() {
        return Stream.of(
                        new String[] {SpendCells.STORE, Unsaid.STORE},
                        PeriodSpends.storeNames(),
                        BudgetBook.storeNames())
                .flatMap(Stream::of)
                .toArray(String[]::new);
    }

    @Override
    public void init(ProcessorContext<String, BudgetStatus> context) {
        super.init(context);
        cells = new SpendCells(context);
        spends = new PeriodSpends(context, cells);
        forecasts = new BudgetForecasts(cells, spends);
        book = new BudgetBook(context, spends, new StatusMaker(context, cells, spends, forecasts));
        unsaid = new Unsaid(context);
        context.schedule(TICK, PunctuationType.WALL_CLOCK_TIME, this::tick);
        context.schedule(FORECAST_TICK, PunctuationType.WALL_CLOCK_TIME, this::lookAhead);
        cells.expire(context, this::oldest);
        spends.expire(context, this::isExpired);
        book.expireStatuses(this::oldest);
    }

    private Instant oldest() {
        return Instant.ofEpochMilli(Math.max(0, Watermark.of(context()) - retentionMs));
    }

    private boolean isExpired(TenantKey period, long lastAt) {
        KnownBudget known = book.get(period);
        if (known == null) {
            return true;
        }
        Span span = known.period().around(Instant.parse(period.parts().get(2)));
        return span.end().isBefore(oldest()) || lastAt < oldest().toEpochMilli();
    }

    @Override
    public void process(Record<TenantKey, BudgetInput> record) {
        if (record.value() instanceof Charge charge) {
            count(record.key().tenant(), charge);
        } else if (record.value() instanceof BudgetInput.Definition definition) {
            define(record.key(), definition);
        }
    }

    private void count(String tenant, Charge charge) {
        cells.add(tenant, charge);
        forecasts.charged(tenant, charge.at(), Instant.ofEpochMilli(context().currentSystemTimeMs()));
        for (KnownBudget known : book.of(tenant)) {
            if (known.scope().covers(charge.values()::get)) {
                Span span = known.period().around(charge.at());
                spends.add(known, span, charge, context().currentSystemTimeMs());
                unsaid.add(known.key(span));
                if (RollOver.isOn(known.budget())) {
                    sayNextOf(known, span);
                }
            }
        }
    }

    /** What is left of one period is in the limit of the next. */
    private void sayNextOf(KnownBudget known, Span span) {
        Span next = RollOver.next(known, span);
        if (next.start().toEpochMilli() <= context().currentSystemTimeMs()) {
            unsaid.add(known.key(next));
        }
    }

    private void define(TenantKey key, BudgetInput.Definition definition) {
        announcedUntil.remove(key);
        KnownBudget before = book.get(key);
        if (definition.budget() == null) {
            forecasts.forget(key);
            close(book.remove(key));
            return;
        }
        KnownBudget known = KnownBudget.of(definition.budget());
        if (before == null || !before.spendsAs(known)) {
            forecasts.forget(key);
        }
        close(book.define(known));
        announce(known, Instant.ofEpochMilli(context().currentSystemTimeMs()));
    }

    private void close(List<BudgetStatus> statuses) {
        for (BudgetStatus status : statuses) {
            forward(BudgetBook.topicKey(status), status);
            forward(BudgetBook.topicKey(status), null);
        }
    }

    private void tick(long nowMs) {
        Instant now = Instant.ofEpochMilli(nowMs);
        for (KnownBudget known : book.all()) {
            if (!announcedUntil.getOrDefault(known.key(), Instant.EPOCH).isAfter(now)) {
                announce(known, now);
            }
        }
        unsaid.take().forEach(this::say);
    }

    private void lookAhead(long nowMs) {
        Instant now = Instant.ofEpochMilli(nowMs);
        forecasts.read(now, book);
        for (KnownBudget known : forecasts.due(now, book.all())) {
            say(known, known.period().around(now));
        }
    }

    private void announce(KnownBudget known, Instant now) {
        Span span = known.period().around(now);
        announcedUntil.put(known.key(), span.end());
        say(known, span);
    }

    private void say(TenantKey period) {
        KnownBudget known = book.get(period);
        Instant start = Instant.parse(period.last());
        Optional<Span> span =
                Optional.ofNullable(known).map(budget -> budget.period().around(start));
        // Not what was a period before the budget was redefined.
        span.filter(found -> found.start().equals(start)).ifPresent(found -> say(known, found));
    }

    private void say(KnownBudget known, Span span) {
        book.refresh(known, span).ifPresent(status -> forward(BudgetBook.topicKey(status), status));
    }

    private void forward(String key, BudgetStatus status) {
        context().forward(new Record<>(key, status, context().currentSystemTimeMs()));
    }
}
