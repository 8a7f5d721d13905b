package dev.tokenmeter.gateway.outbox;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * The events written last, for as long as the sender keeps up: it then need not read them back from the disk. Bounded; what
 * finds no room is on the disk all the same. Not thread-safe.
 */
final class FreshEvents {
    private final int max;
    private final Deque<OutboxStore.Entry> entries = new ArrayDeque<>();

    /** @param max at most so many events */
    FreshEvents(int max) {
        this.max = max;
    }

    /** Events with rising numbers. */
    void add(List<OutboxStore.Entry> written) {
        int room = Math.min(written.size(), max - entries.size());
        for (int i = 0; i < room; i++) {
            entries.add(written.get(i));
        }
    }

    /**
     * Takes events with successive numbers.
     *
     * @param first number of the first; those before it are forgotten
     * @return empty when the first is not here
     */
    List<OutboxStore.Entry> take(long first, int count) {
        while (!entries.isEmpty() && entries.peek().sequence() < first) {
            entries.poll();
        }
        List<OutboxStore.Entry> taken = new ArrayList<>();
        while (taken.size() < count && !entries.isEmpty() && entries.peek().sequence() == first + taken.size()) {
            taken.add(entries.poll());
        }
        return taken;
    }
}
