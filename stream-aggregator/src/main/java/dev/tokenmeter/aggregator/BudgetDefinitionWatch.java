package dev.tokenmeter.aggregator;

import dev.tokenmeter.schemas.Budget;
import dev.tokenmeter.schemas.BudgetStatus;
import java.time.Duration;
import java.time.Instant;
import java.time.YearMonth;
import java.time.ZoneOffset;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.ContextualProcessor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;

/**
 * Says what is left of a budget as soon as it is defined, changed or removed (a tombstone for each of its periods), and of
 * all budgets when a new period begins, traffic or not.
 */
final class BudgetDefinitionWatch extends ContextualProcessor<TenantKey, Budget, String, BudgetStatus> {
    private static final Duration TICK = Duration.ofSeconds(1);

    private BudgetBook book;
    private YearMonth announced;

    @Override
    public void init(ProcessorContext<String, BudgetStatus> context) {
        super.init(context);
        book = new BudgetBook(context);
        context.schedule(TICK, PunctuationType.WALL_CLOCK_TIME, this::announcePeriod);
    }

    @Override
    public void process(Record<TenantKey, Budget> record) {
        if (record.value() == null) {
            book.remove(record.key()).forEach(status -> forward(BudgetBook.topicKey(status), null));
            return;
        }
        book.define(record.value());
        refresh(record.value(), month(context().currentSystemTimeMs()));
    }

    private void announcePeriod(long nowMs) {
        YearMonth month = month(nowMs);
        if (!month.equals(announced)) {
            book.all().forEach(budget -> refresh(budget, month));
            announced = month;
        }
    }

    private void refresh(Budget budget, YearMonth month) {
        book.refresh(budget, month).ifPresent(status -> forward(BudgetBook.topicKey(status), status));
    }

    private void forward(String key, BudgetStatus status) {
        context().forward(new Record<>(key, status, context().currentSystemTimeMs()));
    }

    private static YearMonth month(long nowMs) {
        return YearMonth.from(Instant.ofEpochMilli(nowMs).atZone(ZoneOffset.UTC));
    }
}
