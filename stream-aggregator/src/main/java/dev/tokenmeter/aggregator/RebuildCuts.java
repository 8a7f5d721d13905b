package dev.tokenmeter.aggregator;

import dev.tokenmeter.aggregator.rebuild.RebuildScope;
import dev.tokenmeter.schemas.UsageEvent;
import dev.tokenmeter.service.streams.Decoded;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.ContextualFixedKeyProcessor;
import org.apache.kafka.streams.processor.api.FixedKeyProcessorContext;
import org.apache.kafka.streams.processor.api.FixedKeyRecord;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.Stores;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes the cuts of rebuilds out of the usage topic, and marks the events behind each that it concerns; without one, events
 * pass untouched. How many cuts are open is bounded by their life, half an hour.
 */
final class RebuildCuts extends ContextualFixedKeyProcessor<byte[], Decoded<UsageEvent>, Decoded<UsageEvent>> {
    static final String STORE = "rebuild-cuts";

    private static final Logger LOG = LoggerFactory.getLogger(RebuildCuts.class);
    private static final Duration TICK = Duration.ofMinutes(1);

    private final Map<String, RebuildScope> open = new HashMap<>();
    private KeyValueStore<String, byte[]> store;

    /** Id to scope. */
    static StoreBuilder<?> store() {
        return Stores.keyValueStoreBuilder(Stores.persistentKeyValueStore(STORE), Serdes.String(), Serdes.ByteArray());
    }

    @Override
    public void init(FixedKeyProcessorContext<byte[], Decoded<UsageEvent>> context) {
        super.init(context);
        store = context.getStateStore(STORE);
        try (KeyValueIterator<String, byte[]> cuts = store.all()) {
            cuts.forEachRemaining(cut -> open.put(cut.key, RebuildScope.of(header(cut.value))));
        }
        context.schedule(TICK, PunctuationType.WALL_CLOCK_TIME, this::forget);
    }

    private void forget(long nowMs) {
        open.values().removeIf(scope -> {
            if (scope.isOver(nowMs)) {
                store.delete(scope.id());
            }
            return scope.isOver(nowMs);
        });
    }

    @Override
    public void process(FixedKeyRecord<byte[], Decoded<UsageEvent>> record) {
        Headers headers = record.headers();
        UsageEvent event = record.value() instanceof Decoded.Usable<UsageEvent> usable ? usable.value() : null;
        if (event == null && record.value().raw() == null && isCut(headers)) {
            return;
        }
        if (headers.lastHeader(RebuildScope.SINCE) != null) {
            headers.remove(RebuildScope.SINCE);
        }
        if (event != null && !open.isEmpty()) {
            mark(event, headers);
        }
        context().forward(record);
    }

    private boolean isCut(Headers headers) {
        Header cut = headers.lastHeader(RebuildScope.CUT);
        Header end = headers.lastHeader(RebuildScope.END);
        if (cut == null && end == null) {
            return false;
        }
        try {
            if (cut != null) {
                RebuildScope scope = RebuildScope.of(cut);
                open.put(scope.id(), scope);
                store.put(scope.id(), cut.value());
            } else {
                RebuildScope scope = RebuildScope.of(end);
                open.remove(scope.id());
                store.delete(scope.id());
            }
        } catch (RuntimeException notOurs) {
            LOG.warn("a record says that it is the cut of a rebuild, and is none ({})", notOurs.toString());
        }
        return true;
    }

    private void mark(UsageEvent event, Headers headers) {
        long now = context().currentSystemTimeMs();
        for (RebuildScope scope : open.values()) {
            if (scope.covers(event.getTenant(), event.getOccurredAt()) && !scope.isOver(now)) {
                headers.add(header(scope.toBytes()));
            }
        }
    }

    private static Header header(byte[] scope) {
        return new org.apache.kafka.common.header.internals.RecordHeader(RebuildScope.SINCE, scope);
    }
}
