package dev.tokenmeter.alerting.rule;

import dev.tokenmeter.schemas.AlertRule;
import dev.tokenmeter.schemas.UsageRollup;
import dev.tokenmeter.schemas.alert.RuleKind;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.ContextualProcessor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.Stores;

/**
 * What calls have been added to hours that run or have just ended, for each group that a rule judges: every five seconds one
 * record for each group that has any. Remembers what each such hour's rollup held.
 */
final class CallDeltas extends ContextualProcessor<byte[], UsageRollup, String, Calls> {
    static final String LAST = "rule-hours";
    static final String PENDING = "rule-calls-pending";

    private static final Duration TICK = Duration.ofSeconds(5);
    private static final Duration SWEEP = Duration.ofMinutes(10);
    /** What comes later is an import or a correction, and no news of how calls go now. */
    private static final Duration LATE = Duration.ofHours(1);

    private static final String WINDOW_END = "|";

    private final RuleBook rules;
    private KeyValueStore<String, Calls> last;
    private KeyValueStore<String, Calls> pending;

    CallDeltas(RuleBook rules) {
        this.rules = rules;
    }

    static List<StoreBuilder<?>> stores() {
        return List.of(
                Stores.keyValueStoreBuilder(Stores.persistentKeyValueStore(LAST), Serdes.String(), Calls.serde())
                        .withCachingEnabled(),
                Stores.keyValueStoreBuilder(Stores.persistentKeyValueStore(PENDING), Serdes.String(), Calls.serde())
                        .withCachingEnabled());
    }

    @Override
    public void init(ProcessorContext<String, Calls> context) {
        super.init(context);
        last = context.getStateStore(LAST);
        pending = context.getStateStore(PENDING);
        context.schedule(TICK, PunctuationType.WALL_CLOCK_TIME, this::flush);
        context.schedule(SWEEP, PunctuationType.WALL_CLOCK_TIME, this::forget);
    }

    @Override
    public void process(Record<byte[], UsageRollup> record) {
        UsageRollup rollup = record.value();
        if (isOver(rollup.getWindowEnd().toEpochMilli(), context().currentSystemTimeMs())) {
            return;
        }
        String key =
                rollup.getWindowEnd().toEpochMilli() + WINDOW_END + new String(record.key(), StandardCharsets.UTF_8);
        Calls now = Calls.of(rollup);
        Calls before = last.get(key);
        Calls added = before == null ? now : now.minus(before);
        if (added.isNone()) {
            return;
        }
        last.put(key, now);
        Map<String, String> values = rollup.getDimensions();
        for (RuleKind kind : RuleKind.values()) {
            if (kind.isOfCalls()) {
                rules.of(kind).forEach(rule -> add(rule, values, added));
            }
        }
    }

    private void add(AlertRule rule, Map<String, String> values, Calls added) {
        String tenant = values.get("tenant");
        if (tenant == null || !RuleBook.covers(rule, tenant, values)) {
            return;
        }
        String key = CallGroup.of(rule, values).key();
        Calls its = rule.getKind().equals(RuleKind.LATENCY.label()) ? added : added.withoutLatencies();
        Calls before = pending.get(key);
        pending.put(key, before == null ? its : before.plus(its));
    }

    private void flush(long nowMs) {
        List<KeyValue<String, Calls>> all = new ArrayList<>();
        try (var entries = pending.all()) {
            entries.forEachRemaining(all::add);
        }
        for (KeyValue<String, Calls> entry : all) {
            pending.delete(entry.key);
            context().forward(new Record<>(entry.key, entry.value, nowMs));
        }
    }

    /** Keys begin with the end of their hour, thirteen digits for the next two centuries: the oldest first. */
    private void forget(long nowMs) {
        try (var entries = last.all()) {
            while (entries.hasNext()) {
                String key = entries.next().key;
                if (!isOver(Long.parseLong(key.substring(0, key.indexOf(WINDOW_END))), nowMs)) {
                    return;
                }
                last.delete(key);
            }
        }
    }

    private static boolean isOver(long endMs, long nowMs) {
        return !Instant.ofEpochMilli(nowMs).isBefore(Instant.ofEpochMilli(endMs).plus(LATE));
    }
}
