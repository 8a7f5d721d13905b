package dev.tokenmeter.alerting.rule;

import dev.tokenmeter.alerting.AlertBook;
import dev.tokenmeter.schemas.Alert;
import dev.tokenmeter.schemas.AlertRule;
import dev.tokenmeter.schemas.AlertState;
import dev.tokenmeter.schemas.Price;
import dev.tokenmeter.schemas.alert.AlertRules;
import dev.tokenmeter.schemas.alert.RuleKind;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.function.Supplier;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.ContextualProcessor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;

/**
 * Tells that the pipeline is behind. It goes by the clock and takes no records; it stands behind a topic of one partition,
 * so that one task among all instances, the first of its part of the topology, does it.
 */
final class LagAlerts extends ContextualProcessor<byte[], Price, String, Alert> {
    static final String STORE = "lag-alerts";

    private static final Duration TICK = Duration.ofSeconds(10);
    private static final RuleKind KIND = RuleKind.PIPELINE_LAG;

    private final RuleBook rules;
    private final Supplier<Map<String, Duration>> lags;
    private final Duration staleAfter;
    private AlertBook book;

    LagAlerts(RuleBook rules, Supplier<Map<String, Duration>> lags, Duration staleAfter) {
        this.rules = rules;
        this.lags = lags;
        this.staleAfter = staleAfter;
    }

    @Override
    public void init(ProcessorContext<String, Alert> context) {
        super.init(context);
        book = new AlertBook(context, STORE, staleAfter);
        if (context.taskId().partition() == 0) {
            context.schedule(TICK, PunctuationType.WALL_CLOCK_TIME, at -> look());
        }
    }

    @Override
    public void process(Record<byte[], Price> record) {
        // By the clock.
    }

    private void look() {
        rules.retire(book, KIND);
        Map<String, Duration> now = lags.get();
        for (AlertRule rule : rules.of(KIND)) {
            now.forEach((service, lag) -> judge(rule, service, lag));
        }
    }

    private void judge(AlertRule rule, String service, Duration lag) {
        Instant now = book.now();
        String id = String.join("|", KIND.label(), rule.getRuleId(), service);
        boolean late = lag.toMillis() >= rule.getThreshold() * 1000;
        if (!late) {
            book.firing(id).ifPresent(alert -> book.resolve(alert, RuleWords.lagOver(service, lag)));
            return;
        }
        Map<String, String> labels = RuleBook.labels(rule);
        labels.put("service", service);
        Alert alert = Alert.newBuilder()
                .setAlertId(id)
                .setKind(KIND.label())
                .setState(AlertState.firing)
                .setSeverity(rule.getSeverity())
                .setTenant(AlertRules.EVERYBODY)
                .setSummary(RuleWords.lag(rule, service, lag))
                .setLabels(labels)
                .setWindowStart(now.minus(lag))
                .setWindowEnd(now)
                .setStartsAt(now)
                .setUpdatedAt(now)
                .build();
        if (book.isFiring(id)) {
            book.prolong(alert);
        } else {
            book.fire(alert);
        }
    }
}
