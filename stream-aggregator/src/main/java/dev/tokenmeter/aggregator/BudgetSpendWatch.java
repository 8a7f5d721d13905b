package dev.tokenmeter.aggregator;

import dev.tokenmeter.schemas.Budget;
import dev.tokenmeter.schemas.BudgetStatus;
import java.time.Duration;
import java.time.Instant;
import java.time.YearMonth;
import org.apache.kafka.streams.processor.api.ContextualProcessor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;

/**
 * Says what is left of a tenant's budgets whenever its spend changes, also in a period that is over: a late event counts
 * where it belongs, under the budget's present definition.
 */
final class BudgetSpendWatch extends ContextualProcessor<String, DaySpend, String, BudgetStatus> {
    private final long retentionMs;
    private BudgetBook book;

    BudgetSpendWatch(Duration retention) {
        this.retentionMs = retention.toMillis();
    }

    @Override
    public void init(ProcessorContext<String, BudgetStatus> context) {
        super.init(context);
        book = new BudgetBook(context);
        book.expireStatuses(() -> Instant.ofEpochMilli(Math.max(0, Watermark.of(context) - retentionMs)));
    }

    @Override
    public void process(Record<String, DaySpend> record) {
        YearMonth month = YearMonth.from(record.value().day());
        for (Budget budget : book.budgetsOf(record.key())) {
            book.refresh(budget, month)
                    .ifPresent(status -> context()
                            .forward(new Record<>(
                                    BudgetBook.topicKey(status),
                                    status,
                                    context().currentSystemTimeMs())));
        }
    }
}
