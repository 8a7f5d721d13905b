package dev.tokenmeter.alerting;

import dev.tokenmeter.schemas.Alert;
import dev.tokenmeter.schemas.AlertState;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.Stores;

/**
 * The alerts of one task that fire now. An alert enters when it fires and leaves when it is resolved, at the latest some
 * time after the period that it is about has ended; so the book is bounded by what can be wrong at one time, and each
 * step is said once.
 */
public final class AlertBook {
    private static final Duration TICK = Duration.ofSeconds(10);

    private final ProcessorContext<String, Alert> context;
    private final KeyValueStore<String, Alert> firing;
    private final Duration staleAfter;

    /** @param staleAfter how long after its window an alert is still news */
    public AlertBook(ProcessorContext<String, Alert> context, String storeName, Duration staleAfter) {
        this.context = context;
        this.firing = context.getStateStore(storeName);
        this.staleAfter = staleAfter;
        context.schedule(TICK, PunctuationType.WALL_CLOCK_TIME, at -> resolveStale());
    }

    /** Its store. */
    public static StoreBuilder<?> store(String name, Serde<Alert> alerts) {
        return Stores.keyValueStoreBuilder(Stores.persistentKeyValueStore(name), Serdes.String(), alerts);
    }

    /** The stream's wall clock. */
    public Instant now() {
        return Instant.ofEpochMilli(context.currentSystemTimeMs());
    }

    /** Whether the alert fires now. */
    public boolean isFiring(String alertId) {
        return firing(alertId).isPresent();
    }

    /** The alert, if it fires now. */
    public Optional<Alert> firing(String alertId) {
        return Optional.ofNullable(firing.get(alertId));
    }

    /** The alerts that fire now and whose ids begin so. */
    public List<Alert> firingWithPrefix(String alertIdPrefix) {
        List<Alert> alerts = new ArrayList<>();
        try (var entries = firing.prefixScan(alertIdPrefix, new StringSerializer())) {
            entries.forEachRemaining(entry -> alerts.add(entry.value));
        }
        return alerts;
    }

    /** Fires it, unless it fires already or is about a time long past, as after a replay. */
    public void fire(Alert alert) {
        if (!isFiring(alert.getAlertId()) && !isStale(alert)) {
            firing.put(alert.getAlertId(), alert);
            say(alert);
        }
    }

    /** Keeps a firing alert from becoming old news, as what it is about goes on; says nothing. */
    public void prolong(Alert seen) {
        Alert alert = firing.get(seen.getAlertId());
        if (alert != null && alert.getWindowEnd().isBefore(seen.getWindowEnd())) {
            firing.put(
                    alert.getAlertId(),
                    Alert.newBuilder(alert).setWindowEnd(seen.getWindowEnd()).build());
        }
    }

    /** Says that it is over, in a sentence. */
    public void resolve(Alert alert, String summary) {
        firing.delete(alert.getAlertId());
        say(Alert.newBuilder(alert)
                .setState(AlertState.resolved)
                .setSummary(summary)
                .setUpdatedAt(now())
                .build());
    }

    private void resolveStale() {
        firingWithPrefix("").stream().filter(this::isStale).forEach(alert -> resolve(alert, Wording.over(alert)));
    }

    private boolean isStale(Alert alert) {
        return !now().isBefore(alert.getWindowEnd().plus(staleAfter));
    }

    private void say(Alert alert) {
        context.forward(new Record<>(alert.getAlertId(), alert, context.currentSystemTimeMs()));
    }
}
