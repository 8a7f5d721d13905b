package dev.tokenmeter.aggregator;

import dev.tokenmeter.aggregator.rebuild.RebuildScope;
import dev.tokenmeter.schemas.UsageRollup;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.processor.api.ProcessingContext;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.Stores;

/**
 * Replaces rollups by what a rebuild summed before its cut and what was counted since. What was counted since is kept until
 * the cut's life is over, so that the same replacement may come twice. One thread.
 */
final class RollupReplacements {
    static final String STORE = "rollups-since-cut";

    private final ProcessingContext context;
    private final KeyValueStore<String, RollupSum> since;
    private final RollupFanOut fanOut;
    private final Map<String, DimensionGroup> groups = new TreeMap<>();
    private final Counter applied;
    private final Counter expired;

    RollupReplacements(
            ProcessingContext context, RollupFanOut fanOut, List<DimensionGroup> groups, MeterRegistry meters) {
        this.context = context;
        this.since = context.getStateStore(STORE);
        this.fanOut = fanOut;
        groups.forEach(group -> this.groups.put(group.name(), group));
        this.applied = counter(meters, "applied");
        this.expired = counter(meters, "expired");
        Sweep.schedule(context, since, () -> Long.toString(context.currentSystemTimeMs()), (key, sum) -> true);
    }

    private static Counter counter(MeterRegistry meters, String result) {
        return Counter.builder("tokenmeter.aggregator.replacements")
                .description("Rollups that a rebuild replaced, or came too late to replace")
                .tag("result", result)
                .register(meters);
    }

    /** By cut and rollup; cuts sort by the end of their life. */
    static StoreBuilder<?> store() {
        return Stores.keyValueStoreBuilder(Stores.persistentKeyValueStore(STORE), Serdes.String(), RollupSum.serde())
                .withCachingEnabled();
    }

    /** Remembers the event for the cuts before it. */
    void count(Headers headers, Counted event, long nowMs) {
        for (Header header : headers.headers(RebuildScope.SINCE)) {
            RebuildScope scope = RebuildScope.of(header);
            fanOut.rollupsOf(event, (key, window, group) -> {
                if (scope.covers(window.start(), window.end())) {
                    RollupSum sum = since.get(key(scope, key));
                    if (sum == null) {
                        sum = RollupSum.none(group);
                    }
                    sum.add(event, window, nowMs);
                    since.put(key(scope, key), sum);
                }
            });
        }
    }

    /** @param key of the rollup */
    void replace(Headers headers, String key, UsageRollup rollup, RollupBook book) {
        RebuildScope scope = RebuildScope.of(headers.lastHeader(RebuildScope.OF));
        long now = context.currentSystemTimeMs();
        if (!scope.mayReplace(now)) {
            expired.increment();
            return;
        }
        RollupSum sum = RollupSum.of(rollup, groups.get(rollup.getDimensionGroup()));
        RollupSum more = since.get(key(scope, key));
        if (more != null) {
            sum.add(more);
        }
        book.replace(key, sum, now);
        applied.increment();
    }

    private static String key(RebuildScope scope, String rollup) {
        return scope.id() + "|" + rollup;
    }
}
