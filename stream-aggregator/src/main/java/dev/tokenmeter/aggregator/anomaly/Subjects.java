package dev.tokenmeter.aggregator.anomaly;

import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.function.BiConsumer;

/**
 * Which subjects are told apart, and since when each has figures. Of each tenant and dimension at most so many; what comes
 * beyond them counts for the tenant, and under {@value #OTHER} among contributors.
 */
final class Subjects {
    /** Stands for all values that are not told apart. */
    static final String OTHER = "(other)";

    private final Table<Known> table;
    private final int most;
    /** By tenant and dimension, how many there are. */
    private final Map<String, Integer> counts = new HashMap<>();

    Subjects(Table<Known> table, int most) {
        this.table = table;
        this.most = most;
    }

    /** Whether it is told apart, from now on if there is room. */
    boolean admit(Subject subject, Instant slot) {
        if (subject.isTenant() || table.get(key(subject)) != null) {
            return true;
        }
        String prefix = Keys.of(subject.tenant(), subject.dimension());
        int count = counts.computeIfAbsent(prefix, this::count);
        if (count >= most) {
            return false;
        }
        counts.put(prefix, count + 1);
        table.put(key(subject), new Known(slot, slot));
        return true;
    }

    private int count(String prefix) {
        int[] count = {0};
        table.scan(prefix, Keys.after(prefix), (key, known) -> count[0]++);
        return count[0];
    }

    /** Null for none. */
    Known get(Subject subject) {
        return table.get(key(subject));
    }

    /** Notes that it has figures there. */
    Known see(Subject subject, Instant first, Instant last) {
        Known before = table.get(key(subject));
        Known after =
                before == null ? new Known(first, last) : before.with(first).with(last);
        if (!after.equals(before)) {
            table.put(key(subject), after);
        }
        return after;
    }

    /** Forgets the counts, as some may have expired. */
    void recount() {
        counts.clear();
    }

    void forEach(BiConsumer<Subject, Known> visitor) {
        table.scan(null, null, (key, known) -> visitor.accept(subject(key), known));
    }

    static Subject subject(String key) {
        var parts = Keys.parts(key);
        return new Subject(parts.get(0), parts.get(1), parts.get(2));
    }

    private static String key(Subject subject) {
        return Keys.of(subject.tenant(), subject.dimension(), subject.value());
    }
}
