package dev.tokenmeter.aggregator.anomaly;

import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.function.BiConsumer;

/** Sums by tenant, stretch of time and combination of values: of what a subject's difference consists. */
final class Details {
    private static final String DAY = "d";
    private static final String HOUR = "h";
    private static final int PARTS_BEFORE_VALUES = 3;

    private final Table<Amount> table;

    Details(Table<Amount> table) {
        this.table = table;
    }

    static String dayKey(String tenant, LocalDate day, List<String> values) {
        return key(tenant, DAY, day.toString(), values);
    }

    static String hourKey(String tenant, Instant hour, List<String> values) {
        return key(tenant, HOUR, Keys.minute(hour), values);
    }

    private static String key(String tenant, String kind, String time, List<String> values) {
        StringBuilder key = new StringBuilder(Keys.of(tenant, kind, time));
        values.forEach(value -> Keys.append(key, value));
        return key.toString();
    }

    void add(String key, Amount more) {
        Amount before = table.get(key);
        table.put(key, before == null ? more : before.plus(more));
    }

    /** Visits a day's combinations of values. */
    void day(String tenant, LocalDate day, BiConsumer<List<String>, Amount> visitor) {
        visit(Keys.of(tenant, DAY, day.toString()), visitor);
    }

    /** Visits an hour's combinations of values. */
    void hour(String tenant, Instant hour, BiConsumer<List<String>, Amount> visitor) {
        visit(Keys.of(tenant, HOUR, Keys.minute(hour)), visitor);
    }

    private void visit(String prefix, BiConsumer<List<String>, Amount> visitor) {
        table.scan(prefix, Keys.after(prefix), (key, amount) -> {
            List<String> parts = Keys.parts(key);
            visitor.accept(parts.subList(PARTS_BEFORE_VALUES, parts.size()), amount);
        });
    }

    static boolean isExpired(String key, LocalDate oldest, Instant oldestHour) {
        List<String> parts = Keys.parts(key);
        return parts.get(1).equals(DAY)
                ? LocalDate.parse(parts.get(2)).isBefore(oldest)
                : Keys.instant(parts.get(2)).isBefore(oldestHour);
    }
}
