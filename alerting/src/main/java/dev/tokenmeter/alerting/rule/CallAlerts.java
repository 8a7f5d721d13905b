package dev.tokenmeter.alerting.rule;

import dev.tokenmeter.alerting.AlertBook;
import dev.tokenmeter.schemas.Alert;
import dev.tokenmeter.schemas.AlertRule;
import dev.tokenmeter.schemas.AlertState;
import dev.tokenmeter.schemas.alert.RuleKind;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.ContextualProcessor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.Stores;

/**
 * Keeps a group's calls by the minute in which they were counted, and judges the last minutes by the group's rule every ten
 * seconds: fires once it is broken, and resolves when the figure is a tenth below the threshold or there are too few calls to say.
 */
final class CallAlerts extends ContextualProcessor<String, Calls, String, Alert> {
    static final String MINUTES = "rule-minutes";
    static final String STORE = "call-alerts";

    private static final Duration TICK = Duration.ofSeconds(10);
    private static final String MINUTE = "\u001e";
    private static final double CALM = 0.9;

    private final RuleBook rules;
    private final Duration staleAfter;
    private KeyValueStore<String, Calls> minutes;
    private AlertBook book;

    CallAlerts(RuleBook rules, Duration staleAfter) {
        this.rules = rules;
        this.staleAfter = staleAfter;
    }

    static StoreBuilder<?> minutesStore() {
        return Stores.keyValueStoreBuilder(Stores.persistentKeyValueStore(MINUTES), Serdes.String(), Calls.serde())
                .withCachingEnabled();
    }

    @Override
    public void init(ProcessorContext<String, Alert> context) {
        super.init(context);
        minutes = context.getStateStore(MINUTES);
        book = new AlertBook(context, STORE, staleAfter);
        context.schedule(TICK, PunctuationType.WALL_CLOCK_TIME, this::judge);
    }

    @Override
    public void process(Record<String, Calls> record) {
        long minute = context().currentSystemTimeMs() / 60_000;
        String key = record.key() + MINUTE + minute;
        Calls before = minutes.get(key);
        minutes.put(key, before == null ? record.value() : before.plus(record.value()));
    }

    private void judge(long nowMs) {
        if (!rules.isCaughtUp()) {
            return;
        }
        Map<CallGroup, Calls> groups = new HashMap<>();
        try (var entries = minutes.all()) {
            while (entries.hasNext()) {
                var entry = entries.next();
                int end = entry.key.indexOf(MINUTE);
                CallGroup group = CallGroup.ofKey(entry.key.substring(0, end));
                long age = nowMs / 60_000 - Long.parseLong(entry.key.substring(end + 1));
                Optional<AlertRule> rule = rules.byId(group.ruleId());
                if (rule.isEmpty() || age * 60 >= rule.get().getWindowSeconds()) {
                    minutes.delete(entry.key);
                } else {
                    groups.merge(group, entry.value, Calls::plus);
                }
            }
        }
        for (RuleKind kind : RuleKind.values()) {
            if (kind.isOfCalls()) {
                rules.retire(book, kind);
                book.firingWithPrefix(kind.label() + "|")
                        .forEach(alert -> rules.byId(alert.getLabels().get(RuleBook.RULE_ID))
                                .ifPresent(rule -> settle(alert, rule, kind, groups)));
            }
        }
        // The topic's follower may have taken a rule away meanwhile: the next look retires its alerts.
        groups.forEach((group, calls) -> rules.byId(group.ruleId()).ifPresent(rule -> judge(rule, group, calls)));
    }

    private void settle(Alert alert, AlertRule rule, RuleKind kind, Map<CallGroup, Calls> groups) {
        Map<String, String> values = new HashMap<>(alert.getLabels());
        values.put("tenant", alert.getTenant());
        CallGroup group = CallGroup.of(rule, values);
        Calls calls = groups.getOrDefault(group, Calls.NONE);
        if (!isBroken(rule, kind, calls, CALM)) {
            book.resolve(alert, RuleWords.calm(rule, kind, group, calls));
        }
    }

    private void judge(AlertRule rule, CallGroup group, Calls calls) {
        RuleKind kind = RuleKind.of(rule.getKind()).orElseThrow();
        if (!isBroken(rule, kind, calls, 1)) {
            return;
        }
        Instant now = book.now();
        Alert alert = alert(rule, kind, group, calls, now);
        if (book.isFiring(alert.getAlertId())) {
            book.prolong(alert);
        } else {
            book.fire(alert);
        }
    }

    static boolean isBroken(AlertRule rule, RuleKind kind, Calls calls, double share) {
        if (kind == RuleKind.CAP_BLOCKING) {
            return calls.blocked() > 0 && calls.blocked() >= rule.getThreshold() * share;
        }
        return calls.answered() >= rule.getMinRequests() && figure(rule, kind, calls) >= rule.getThreshold() * share;
    }

    /** What is compared with the threshold. */
    static double figure(AlertRule rule, RuleKind kind, Calls calls) {
        return switch (kind) {
            case CAP_BLOCKING -> calls.blocked();
            case ERROR_RATE -> calls.answered() == 0 ? 0 : 100.0 * calls.failed() / calls.answered();
            default -> calls.latency(rule.getPercentile());
        };
    }

    private static Alert alert(AlertRule rule, RuleKind kind, CallGroup group, Calls calls, Instant now) {
        Map<String, String> labels = RuleBook.labels(rule);
        labels.putAll(rule.getDimensions());
        if (!group.provider().isEmpty()) {
            labels.put("provider", group.provider());
        }
        if (!group.model().isEmpty()) {
            labels.put("model", group.model());
        }
        return Alert.newBuilder()
                .setAlertId(group.alertId(kind))
                .setKind(kind.label())
                .setState(AlertState.firing)
                .setSeverity(rule.getSeverity())
                .setTenant(group.tenant())
                .setSummary(RuleWords.broken(rule, kind, group, calls))
                .setLabels(labels)
                .setWindowStart(now.minusSeconds(rule.getWindowSeconds()))
                .setWindowEnd(now)
                .setStartsAt(now)
                .setUpdatedAt(now)
                .build();
    }
}
