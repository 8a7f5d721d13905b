package dev.tokenmeter.alerting;

import dev.tokenmeter.schemas.Alert;
import dev.tokenmeter.schemas.AlertState;
import dev.tokenmeter.schemas.UsageRollup;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.ContextualProcessor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.Stores;

/**
 * One alert for each tenant, provider and model that has calls without a price: it fires with the first, says no more while
 * there are others, and is resolved when all of the days remembered are priced, or when no more came for long enough.
 */
final class UnpricedAlerts extends ContextualProcessor<String, UsageRollup, String, Alert> {
    static final String STORE = "unpriced-alerts";
    static final String DAYS = "unpriced-days";
    static final String KIND = "unpriced_model";

    private static final Duration TICK = Duration.ofMinutes(10);

    private final Duration staleAfter;
    private AlertBook book;
    private KeyValueStore<String, UsageRollup> days;

    UnpricedAlerts(Duration staleAfter) {
        this.staleAfter = staleAfter;
    }

    static StoreBuilder<?> daysStore(Serde<UsageRollup> rollups) {
        return Stores.keyValueStoreBuilder(Stores.persistentKeyValueStore(DAYS), Serdes.String(), rollups);
    }

    @Override
    public void init(ProcessorContext<String, Alert> context) {
        super.init(context);
        days = context.getStateStore(DAYS);
        book = new AlertBook(context, STORE, staleAfter);
        context.schedule(TICK, PunctuationType.WALL_CLOCK_TIME, at -> forgetOldDays());
    }

    private void forgetOldDays() {
        try (var entries = days.all()) {
            while (entries.hasNext()) {
                var entry = entries.next();
                if (isOld(entry.value)) {
                    days.delete(entry.key);
                }
            }
        }
    }

    private boolean isOld(UsageRollup day) {
        return !book.now().isBefore(day.getWindowEnd().plus(staleAfter));
    }

    @Override
    public void process(Record<String, UsageRollup> record) {
        UsageRollup rollup = record.value();
        if (rollup.getUnpricedRequests() > 0) {
            days.put(record.key(), rollup);
        } else {
            days.delete(record.key());
        }
        String subject = UnpricedWindows.subject(record.key());
        Unpriced sum = sum(subject + UnpricedWindows.SEPARATOR);
        String alertId = alertId(rollup.getDimensions());
        if (sum.requests() > 0) {
            Alert alert = alert(alertId, rollup.getDimensions(), sum);
            if (book.isFiring(alertId)) {
                book.prolong(alert);
            } else {
                book.fire(alert);
            }
        } else {
            book.firingWithPrefix(alertId).stream()
                    .filter(alert -> alert.getAlertId().equals(alertId))
                    .forEach(alert -> book.resolve(alert, Wording.priced(rollup.getDimensions())));
        }
    }

    private record Unpriced(long requests, long tokens, Instant from, Instant until) {}

    /** Over the days that are remembered and are not old news. */
    private Unpriced sum(String prefix) {
        Unpriced sum = new Unpriced(0, 0, Instant.MAX, Instant.EPOCH);
        try (var entries = days.prefixScan(prefix, new StringSerializer())) {
            while (entries.hasNext()) {
                UsageRollup day = entries.next().value;
                if (!isOld(day)) {
                    sum = new Unpriced(
                            sum.requests() + day.getUnpricedRequests(),
                            sum.tokens() + day.getUnpricedTokens(),
                            earlier(sum.from(), day.getWindowStart()),
                            later(sum.until(), day.getWindowEnd()));
                }
            }
        }
        return sum;
    }

    private static Instant earlier(Instant one, Instant other) {
        return one.isBefore(other) ? one : other;
    }

    private static Instant later(Instant one, Instant other) {
        return one.isAfter(other) ? one : other;
    }

    private static String alertId(Map<String, String> of) {
        return String.join("|", KIND, of.get("tenant"), of.get("provider"), of.get("model"));
    }

    private Alert alert(String alertId, Map<String, String> of, Unpriced sum) {
        Instant now = book.now();
        return Alert.newBuilder()
                .setAlertId(alertId)
                .setKind(KIND)
                .setState(AlertState.firing)
                .setSeverity("warning")
                .setTenant(of.get("tenant"))
                .setSummary(Wording.unpriced(of, sum.requests(), sum.tokens()))
                .setLabels(Map.of(
                        "provider",
                        of.get("provider"),
                        "model",
                        of.get("model"),
                        "unpriced_requests",
                        Long.toString(sum.requests()),
                        "unpriced_tokens",
                        Long.toString(sum.tokens())))
                .setWindowStart(sum.from())
                .setWindowEnd(sum.until())
                .setStartsAt(now)
                .setUpdatedAt(now)
                .build();
    }
}
