package dev.tokenmeter.storage.query;

import dev.tokenmeter.storage.query.UsageAnswer.Source;

/** A dimension as an expression. */
final class DimensionSql {
    private DimensionSql() {}

    /** Adds it. */
    static void add(Sql sql, Dimension dimension, Source source) {
        if (dimension instanceof Dimension.Tag tag && source == Source.EVENTS) {
            sql.add("tags[?]", tag.tag());
        } else if (dimension instanceof Dimension.Field field && source == Source.EVENTS) {
            sql.add(field.eventColumn());
        } else if (dimension == Dimension.Field.TENANT) {
            sql.add("tenant");
        } else {
            sql.add("dimensions[?]", dimension.dimensionName());
        }
    }
}
