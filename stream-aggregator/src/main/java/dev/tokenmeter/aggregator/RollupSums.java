package dev.tokenmeter.aggregator;

import dev.tokenmeter.schemas.Granularity;
import dev.tokenmeter.schemas.UsageCorrections;
import dev.tokenmeter.schemas.UsageEvent;
import dev.tokenmeter.schemas.UsageRollup;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;

/**
 * The rollups of some events, as the aggregator would sum them: for who rebuilds. It holds each in memory, so it is given
 * no more than what one tenant did in one stretch of time. One thread.
 */
public final class RollupSums {
    private final List<DimensionGroup> groups;
    private final List<Dimension> dimensions;
    private final EventGate gate;
    private final RollupFanOut fanOut;
    private final Instant from;
    private final Instant until;
    private final Map<String, RollupSum> sums = new HashMap<>();

    /**
     * @param config the aggregator's own
     * @param wanted names of groups; empty for all
     * @param granularities which of the aggregator's
     * @param from windows that begin then or later
     * @param until and end by then
     */
    RollupSums(
            AggregatorConfig config, Set<String> wanted, Set<Granularity> granularities, Instant from, Instant until) {
        this.groups = config.groups().stream()
                .filter(group -> wanted.isEmpty() || wanted.contains(group.name()))
                .toList();
        this.dimensions = config.dimensions();
        this.gate =
                new EventGate(config.lateAfter(), config.dedupeHorizon(), config.correctableFor(), config.dimensions());
        this.fanOut = new RollupFanOut(
                groups,
                config.granularities().stream().filter(granularities::contains).toList(),
                ZoneOffset.UTC);
        this.from = from;
        this.until = until;
    }

    /**
     * Adds an event by its last revision, whole.
     *
     * @return whether it counts; the aggregator refuses figures that cannot be true
     */
    public boolean add(UsageEvent event) {
        if (gate.problem(event) != null) {
            return false;
        }
        Counted counted = Counted.of(UsageCorrections.asFirstTold(event), dimensions);
        fanOut.rollupsOf(counted, (key, window, group) -> {
            if (!window.start().isBefore(from) && !window.end().isAfter(until)) {
                sums.computeIfAbsent(key, absent -> RollupSum.none(group)).add(counted, window, 0);
            }
        });
        return true;
    }

    /** Shows each rollup under its key. */
    public void forEach(BiConsumer<String, UsageRollup> reader) {
        sums.forEach((key, sum) -> reader.accept(key, sum.toRollup(key)));
    }

    /** How many there are. */
    public int size() {
        return sums.size();
    }

    /**
     * The key of a rollup that was told, as the aggregator has it; null where that sums no such group any more.
     *
     * @param told with the window, group and dimensions
     */
    public String keyOf(UsageRollup told) {
        for (DimensionGroup group : groups) {
            if (group.name().equals(told.getDimensionGroup())
                    && Set.copyOf(group.names()).equals(told.getDimensions().keySet())) {
                return RollupFanOut.key(told, group);
            }
        }
        return null;
    }

    /** The same rollup with nothing in it. */
    public static UsageRollup emptied(UsageRollup told) {
        UsageRollup empty =
                UsageRollup.newBuilder(told).setLastOccurredAt(Instant.EPOCH).build();
        Measures.none().copyTo(empty);
        return empty;
    }

    /** Whether two rollups state the same; what is zero in a map may as well be absent. */
    public static boolean isSame(UsageRollup a, UsageRollup b) {
        return Measures.of(a).isSame(Measures.of(b));
    }
}
