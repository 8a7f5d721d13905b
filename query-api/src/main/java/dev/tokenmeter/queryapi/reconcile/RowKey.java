package dev.tokenmeter.queryapi.reconcile;

import java.time.LocalDate;
import java.util.Comparator;

/**
 * What a row is about.
 *
 * @param day null where rows are not by day
 * @param provider as events name it
 * @param model null where rows are not by model; empty for all models of a day whose export tells none apart, and for charges
 *     that no model is named for
 * @param item charge without a model, by its unit or its name; else empty
 */
record RowKey(LocalDate day, String provider, String model, String item) implements Comparable<RowKey> {
    private static final Comparator<RowKey> ORDER = Comparator.comparing(
                    RowKey::day, Comparator.nullsFirst(Comparator.naturalOrder()))
            .thenComparing(RowKey::provider)
            .thenComparing(RowKey::model, Comparator.nullsFirst(Comparator.naturalOrder()))
            .thenComparing(RowKey::item);

    /** The same without what rows are not grouped by. */
    RowKey by(Grouping grouping) {
        return new RowKey(
                grouping.day() ? day : null, provider, grouping.model() ? model : null, grouping.model() ? item : "");
    }

    @Override
    public int compareTo(RowKey other) {
        return ORDER.compare(this, other);
    }
}
