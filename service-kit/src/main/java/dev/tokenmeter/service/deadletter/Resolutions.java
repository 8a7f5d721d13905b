package dev.tokenmeter.service.deadletter;

import java.util.BitSet;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.common.TopicPartition;

/** Which refused records are settled: a few bits for each, so that millions fit into memory. One thread. */
final class Resolutions {
    private static final int PAGE_BITS = 16;
    private static final int IN_PAGE = (1 << PAGE_BITS) - 1;

    private record Page(TopicPartition partition, long number) {}

    private final Map<Resolution, Map<Page, BitSet>> settled = new EnumMap<>(Resolution.class);

    void add(DeadLetter source, Resolution resolution) {
        settled.computeIfAbsent(resolution, one -> new HashMap<>())
                .computeIfAbsent(page(source), one -> new BitSet())
                .set((int) (source.offset() & IN_PAGE));
    }

    /** Null where it is open. */
    Resolution of(DeadLetter source) {
        for (Map.Entry<Resolution, Map<Page, BitSet>> entry : settled.entrySet()) {
            BitSet page = entry.getValue().get(page(source));
            if (page != null && page.get((int) (source.offset() & IN_PAGE))) {
                return entry.getKey();
            }
        }
        return null;
    }

    private static Page page(DeadLetter source) {
        return new Page(new TopicPartition(source.topic(), source.partition()), source.offset() >> PAGE_BITS);
    }
}
