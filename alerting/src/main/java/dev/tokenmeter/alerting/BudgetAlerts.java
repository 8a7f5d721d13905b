package dev.tokenmeter.alerting;

import dev.tokenmeter.schemas.Alert;
import dev.tokenmeter.schemas.AlertState;
import dev.tokenmeter.schemas.BudgetStatus;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.apache.kafka.streams.processor.api.ContextualProcessor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;

/**
 * One alert for each budget, period and threshold: it fires when the status says that the threshold is crossed, and is
 * resolved when it is not any more, because the budget was raised, or the threshold or the budget removed.
 */
final class BudgetAlerts extends ContextualProcessor<byte[], BudgetStatus, String, Alert> {
    static final String STORE = "budget-alerts";
    static final String KIND = "budget_threshold";

    private static final String THRESHOLD = "threshold";
    private static final int WHOLE = 100;

    private final Duration staleAfter;
    private AlertBook book;

    BudgetAlerts(Duration staleAfter) {
        this.staleAfter = staleAfter;
    }

    @Override
    public void init(ProcessorContext<String, Alert> context) {
        super.init(context);
        book = new AlertBook(context, STORE, staleAfter);
    }

    @Override
    public void process(Record<byte[], BudgetStatus> record) {
        if (record.key() == null) {
            return; // A compacted topic takes no such record.
        }
        BudgetStatus status = record.value();
        String prefix = KIND + "|" + new String(record.key(), StandardCharsets.UTF_8) + "|";
        for (Alert alert : book.firingWithPrefix(prefix)) {
            if (status == null || status.getClosed()) {
                book.resolve(alert, Wording.budgetRemoved(alert));
            } else {
                resolveUnlessCrossed(alert, status);
            }
        }
        if (status != null && !status.getClosed()) {
            Instant now = book.now();
            crossed(status).forEach(threshold -> book.fire(alert(prefix + threshold, status, threshold, now)));
        }
    }

    private void resolveUnlessCrossed(Alert alert, BudgetStatus status) {
        int threshold = Integer.parseInt(alert.getLabels().get(THRESHOLD));
        if (crossed(status).contains(threshold)) {
            return;
        }
        book.resolve(
                Alert.newBuilder(alert)
                        .setObservedUsd(BudgetWords.inTokens(status) ? null : status.getSpentUsd())
                        .setLimitUsd(BudgetWords.inTokens(status) ? null : status.getLimitUsd())
                        .build(),
                status.getThresholdsPercent().contains(threshold) || (status.getHard() && threshold == WHOLE)
                        ? Wording.backBelow(status, threshold)
                        : Wording.thresholdRemoved(status, threshold));
    }

    /** The thresholds that the budget names, and for a hard one its limit: there calls begin to be refused. */
    private static Set<Integer> crossed(BudgetStatus status) {
        Set<Integer> crossed = new TreeSet<>(status.getThresholdsCrossed());
        if (status.getHard() && BudgetWords.spent(status).compareTo(BudgetWords.limit(status)) >= 0) {
            crossed.add(WHOLE);
        }
        return crossed;
    }

    private static Alert alert(String id, BudgetStatus status, int threshold, Instant now) {
        return Alert.newBuilder()
                .setAlertId(id)
                .setKind(KIND)
                .setState(AlertState.firing)
                .setSeverity(threshold < WHOLE ? "warning" : "critical")
                .setTenant(status.getTenant())
                .setSummary(Wording.crossed(status, now))
                .setLabels(labels(status, threshold))
                .setObservedUsd(BudgetWords.inTokens(status) ? null : status.getSpentUsd())
                .setLimitUsd(BudgetWords.inTokens(status) ? null : status.getLimitUsd())
                .setWindowStart(status.getPeriodStart())
                .setWindowEnd(status.getPeriodEnd())
                .setStartsAt(status.getUpdatedAt())
                .setUpdatedAt(now)
                .build();
    }

    /** The budget, and the values of its scope under their dimensions' names. */
    private static Map<String, String> labels(BudgetStatus status, int threshold) {
        Map<String, String> labels = new HashMap<>(status.getDimensions());
        labels.put("budget_id", status.getBudgetId());
        labels.put("budget_name", status.getName());
        labels.put(THRESHOLD, Integer.toString(threshold));
        labels.put("hard", Boolean.toString(status.getHard()));
        return labels;
    }
}
