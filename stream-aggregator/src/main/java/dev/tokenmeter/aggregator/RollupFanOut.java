package dev.tokenmeter.aggregator;

import dev.tokenmeter.schemas.Granularity;
import dev.tokenmeter.schemas.UsageRollup;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;

/**
 * Which rollups an event belongs to: every granularity of every dimension group. A rollup's key is a JSON array of window
 * start, granularity, group and values, so calendar windows and late events need nothing special, keys of different
 * windows and values never collide, and a store keeps them in the order of time. One thread.
 */
final class RollupFanOut {
    private final List<DimensionGroup> groups;
    private final List<Granularity> granularities;
    private final ZoneId zone;
    /** By granularity, the window of the event before; the next one is mostly in the same. */
    private final Window[] lastWindows;

    private final String[] lastStarts;

    /** Takes one rollup. */
    interface Rollup {
        void is(String key, Window window, DimensionGroup group);
    }

    RollupFanOut(List<DimensionGroup> groups, List<Granularity> granularities, ZoneId zone) {
        this.groups = List.copyOf(groups);
        this.granularities = List.copyOf(granularities);
        this.zone = zone;
        this.lastWindows = new Window[granularities.size()];
        this.lastStarts = new String[granularities.size()];
    }

    void rollupsOf(Counted event, Rollup rollup) {
        for (int i = 0; i < lastWindows.length; i++) {
            if (lastWindows[i] == null || !lastWindows[i].contains(event.at())) {
                lastWindows[i] = Window.around(event.at(), granularities.get(i), zone);
                lastStarts[i] = start(lastWindows[i]);
            }
            for (DimensionGroup group : groups) {
                rollup.is(key(lastStarts[i], event, group), lastWindows[i], group);
            }
        }
    }

    private static String start(Window window) {
        return JsonKey.prefix(
                List.of(window.start().toString(), window.granularity().name()));
    }

    private static String key(String start, Counted event, DimensionGroup group) {
        StringBuilder key = new StringBuilder(192).append(start);
        JsonKey.append(key, group.name());
        for (Dimension dimension : group.dimensions()) {
            JsonKey.append(key.append(','), event.value(dimension.name()));
        }
        return key.append(']').toString();
    }

    /** The key of a rollup of that group, as it was told. */
    static String key(UsageRollup told, DimensionGroup group) {
        List<String> parts = new ArrayList<>();
        parts.add(told.getWindowStart().toString());
        parts.add(told.getGranularity().name());
        parts.add(group.name());
        group.names().forEach(name -> parts.add(told.getDimensions().get(name)));
        return JsonKey.encode(parts);
    }

    /** Sorts before the key of every window that starts at the instant or later. */
    static String firstKeyAt(Instant windowStart) {
        String key = JsonKey.encode(List.of(windowStart.toString()));
        return key.substring(0, key.length() - 1);
    }

    /** The window in which a key's rollup is. */
    Window windowOf(String key) {
        List<String> parts = JsonKey.decode(key);
        return Window.around(Instant.parse(parts.get(0)), Granularity.valueOf(parts.get(1)), zone);
    }
}
