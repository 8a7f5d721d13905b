package dev.tokenmeter.alerting;

import dev.tokenmeter.alerting.rule.RuleBook;
import dev.tokenmeter.schemas.Alert;
import dev.tokenmeter.schemas.AlertRule;
import dev.tokenmeter.schemas.AlertState;
import dev.tokenmeter.schemas.BudgetStatus;
import dev.tokenmeter.schemas.alert.RuleKind;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.ContextualProcessor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;

/**
 * One alert for each rule, budget and period whose forecast passes the rule's share of the limit: it fires before the spend does,
 * and is resolved when the forecast is a twentieth below, or the spend has got there and the threshold's own alert says so.
 */
final class ForecastAlerts extends ContextualProcessor<byte[], BudgetStatus, String, Alert> {
    static final String STORE = "forecast-alerts";

    private static final RuleKind KIND = RuleKind.BUDGET_FORECAST;
    private static final Duration TICK = Duration.ofSeconds(10);
    private static final BigDecimal CALM = new BigDecimal("0.95");

    private final RuleBook rules;
    private final Duration staleAfter;
    private AlertBook book;

    ForecastAlerts(RuleBook rules, Duration staleAfter) {
        this.rules = rules;
        this.staleAfter = staleAfter;
    }

    @Override
    public void init(ProcessorContext<String, Alert> context) {
        super.init(context);
        book = new AlertBook(context, STORE, staleAfter);
        context.schedule(TICK, PunctuationType.WALL_CLOCK_TIME, at -> rules.retire(book, KIND));
    }

    @Override
    public void process(Record<byte[], BudgetStatus> record) {
        if (record.key() == null || !rules.isCaughtUp()) {
            return;
        }
        String suffix = "|" + new String(record.key(), StandardCharsets.UTF_8);
        BudgetStatus status = record.value();
        if (status == null || status.getClosed()) {
            book.firingWithPrefix(KIND.label() + "|").stream()
                    .filter(alert -> alert.getAlertId().endsWith(suffix))
                    .forEach(alert -> book.resolve(alert, Wording.budgetRemoved(alert)));
            return;
        }
        for (AlertRule rule : rules.of(KIND)) {
            if (RuleBook.covers(rule, status.getTenant(), status.getDimensions())) {
                judge(rule, KIND.label() + "|" + rule.getRuleId() + suffix, status);
            }
        }
    }

    private void judge(AlertRule rule, String id, BudgetStatus status) {
        BigDecimal line = BudgetWords.limit(status)
                .multiply(BigDecimal.valueOf(rule.getThreshold()))
                .movePointLeft(2);
        Optional<BigDecimal> forecast = BudgetWords.forecast(status);
        boolean isThere = BudgetWords.spent(status).compareTo(line) >= 0;
        if (book.isFiring(id)) {
            BigDecimal calm = line.multiply(CALM);
            if (isThere
                    || forecast.filter(expected -> expected.compareTo(calm) >= 0)
                            .isEmpty()) {
                Alert alert = book.firing(id).orElseThrow();
                book.resolve(alert, isThere ? Wording.cameTrue(status, book.now()) : Wording.noLonger(status));
            }
        } else if (!isThere
                && forecast.filter(expected -> expected.compareTo(line) >= 0).isPresent()) {
            book.fire(alert(rule, id, status, book.now()));
        }
    }

    private static Alert alert(AlertRule rule, String id, BudgetStatus status, Instant now) {
        Map<String, String> labels = RuleBook.labels(rule);
        labels.putAll(status.getDimensions());
        labels.put("budget_id", status.getBudgetId());
        labels.put("budget_name", status.getName());
        labels.put("hard", Boolean.toString(status.getHard()));
        return Alert.newBuilder()
                .setAlertId(id)
                .setKind(KIND.label())
                .setState(AlertState.firing)
                .setSeverity(rule.getSeverity())
                .setTenant(status.getTenant())
                .setSummary(Wording.willExceed(status, now))
                .setLabels(labels)
                .setObservedUsd(BudgetWords.inTokens(status) ? null : status.getForecastUsd())
                .setLimitUsd(BudgetWords.inTokens(status) ? null : status.getLimitUsd())
                .setWindowStart(status.getPeriodStart())
                .setWindowEnd(status.getPeriodEnd())
                .setStartsAt(now)
                .setUpdatedAt(now)
                .build();
    }
}
