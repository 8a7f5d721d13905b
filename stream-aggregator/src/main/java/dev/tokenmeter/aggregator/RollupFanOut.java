package dev.tokenmeter.aggregator;

import dev.tokenmeter.schemas.Granularity;
import dev.tokenmeter.schemas.UsageEvent;
import dev.tokenmeter.schemas.UsageRollup;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.streams.KeyValue;

/**
 * Which rollups an event belongs to: every granularity of every dimension group. A rollup's key is a JSON array of window
 * start, granularity, group and values, so calendar windows and late events need nothing special, keys of different
 * windows and values never collide, and a store keeps them in the order of time.
 */
final class RollupFanOut {
    private final List<DimensionGroup> groups;
    private final List<Granularity> granularities;
    private final ZoneId zone;

    RollupFanOut(List<DimensionGroup> groups, List<Granularity> granularities, ZoneId zone) {
        this.groups = List.copyOf(groups);
        this.granularities = List.copyOf(granularities);
        this.zone = zone;
    }

    List<KeyValue<String, UsageRollup>> rollupsOf(UsageEvent event) {
        List<KeyValue<String, UsageRollup>> rollups = new ArrayList<>(granularities.size() * groups.size());
        for (Granularity granularity : granularities) {
            Window window = Window.around(event.getOccurredAt(), granularity, zone);
            for (DimensionGroup group : groups) {
                Map<String, String> values = values(event, group);
                rollups.add(KeyValue.pair(
                        key(window, group.name(), values), Rollups.of(event, window, group.name(), values)));
            }
        }
        return rollups;
    }

    /** Sorts before the key of every window that starts at the instant or later. */
    static String firstKeyAt(Instant windowStart) {
        String key = JsonKey.encode(List.of(windowStart.toString()));
        return key.substring(0, key.length() - 1);
    }

    private static Map<String, String> values(UsageEvent event, DimensionGroup group) {
        Map<String, String> values = new LinkedHashMap<>();
        for (Dimension dimension : group.dimensions()) {
            values.put(dimension.name(), dimension.valueIn(event));
        }
        return values;
    }

    private static String key(Window window, String group, Map<String, String> values) {
        List<String> parts = new ArrayList<>(3 + values.size());
        parts.add(window.start().toString());
        parts.add(window.granularity().name());
        parts.add(group);
        parts.addAll(values.values());
        return JsonKey.encode(parts);
    }
}
