package dev.tokenmeter.alerting;

import dev.tokenmeter.schemas.Granularity;
import dev.tokenmeter.schemas.UsageRollup;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.ContextualProcessor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.Stores;

/**
 * Lets only those days pass that have calls without a price, or had: under the model's name, so that all of a model meet.
 * It remembers such days until they are priced or old news; days without any cost it nothing.
 */
final class UnpricedWindows extends ContextualProcessor<byte[], UsageRollup, String, UsageRollup> {
    static final String STORE = "unpriced-windows";
    /** Separates names; no name holds it. */
    static final String SEPARATOR = "\u001f";

    private static final String DAY = ",\"day\",";
    private static final String HOUR = ",\"hour\",";
    private static final Duration TICK = Duration.ofMinutes(10);

    private final Duration staleAfter;
    private KeyValueStore<String, Long> ends;

    UnpricedWindows(Duration staleAfter) {
        this.staleAfter = staleAfter;
    }

    static StoreBuilder<?> store() {
        return Stores.keyValueStoreBuilder(Stores.persistentKeyValueStore(STORE), Serdes.String(), Serdes.Long());
    }

    /**
     * Whether a rollup's key, a JSON array of window start, granularity, group and values, may be a day's or an hour's of a
     * group.
     *
     * @param group its name in quotation marks, after a comma
     */
    static boolean mayBe(byte[] key, String group) {
        if (key == null) {
            return false;
        }
        String text = new String(key, StandardCharsets.UTF_8);
        return (text.contains(DAY) || text.contains(HOUR)) && text.contains(group);
    }

    /** A day of a model: one of the group that knows tenants, providers and models. */
    static boolean isOfModel(UsageRollup rollup, String group) {
        Map<String, String> dimensions = rollup.getDimensions();
        return rollup.getGranularity() == Granularity.day
                && rollup.getDimensionGroup().equals(group)
                && dimensions.containsKey("tenant")
                && dimensions.containsKey("provider")
                && dimensions.containsKey("model");
    }

    @Override
    public void init(ProcessorContext<String, UsageRollup> context) {
        super.init(context);
        ends = context.getStateStore(STORE);
        context.schedule(TICK, PunctuationType.WALL_CLOCK_TIME, this::forget);
    }

    @Override
    public void process(Record<byte[], UsageRollup> record) {
        UsageRollup rollup = record.value();
        String key = new String(record.key(), StandardCharsets.UTF_8);
        boolean known = ends.get(key) != null;
        boolean old = isOld(rollup.getWindowEnd(), context().currentSystemTimeMs());
        if (rollup.getUnpricedRequests() > 0 && !old) {
            ends.put(key, rollup.getWindowEnd().toEpochMilli());
        } else if (known) {
            ends.delete(key);
        } else {
            return;
        }
        Map<String, String> of = rollup.getDimensions();
        String subject = String.join(SEPARATOR, of.get("tenant"), of.get("provider"), of.get("model"));
        context().forward(new Record<>(subject + SEPARATOR + key, rollup, record.timestamp()));
    }

    private void forget(long nowMs) {
        try (KeyValueIterator<String, Long> all = ends.all()) {
            while (all.hasNext()) {
                KeyValue<String, Long> entry = all.next();
                if (isOld(Instant.ofEpochMilli(entry.value), nowMs)) {
                    ends.delete(entry.key);
                }
            }
        }
    }

    private boolean isOld(Instant end, long nowMs) {
        return !Instant.ofEpochMilli(nowMs).isBefore(end.plus(staleAfter));
    }

    /** The model of what this forwards: the key up to the day's own. */
    static String subject(String forwarded) {
        int end = -1;
        for (int i = 0; i < 3; i++) {
            end = forwarded.indexOf(SEPARATOR, end + 1);
        }
        return forwarded.substring(0, end);
    }
}
