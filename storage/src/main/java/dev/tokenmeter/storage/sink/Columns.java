package dev.tokenmeter.storage.sink;

import java.math.BigDecimal;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The columns of one row, in order, each with the value that the driver takes. A new one a row; so the names of all
 * rows of a mapping agree by construction.
 */
final class Columns {
    private static final DateTimeFormatter MICROS = DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss.SSSSSS");

    private final List<String> names = new ArrayList<>(48);
    private final List<Object> values = new ArrayList<>(48);

    Columns text(String name, Object value) {
        return put(name, value == null ? null : value.toString());
    }

    Columns number(String name, Number value) {
        return put(name, value);
    }

    Columns flag(String name, boolean value) {
        return put(name, value);
    }

    Columns money(String name, BigDecimal usd) {
        return put(name, usd);
    }

    /** As text, which ClickHouse reads as it streams by; the driver's own encoding is an expression to evaluate. */
    Columns time(String name, Instant value) {
        return put(name, value == null ? null : MICROS.format(LocalDateTime.ofInstant(value, ZoneOffset.UTC)));
    }

    Columns map(String name, Map<String, ?> value) {
        return put(name, value);
    }

    Columns numbers(String name, List<Integer> value) {
        return put(name, value.toArray(Integer[]::new));
    }

    Columns array(String name, Object[] value) {
        return put(name, value);
    }

    private Columns put(String name, Object value) {
        names.add(name);
        values.add(value);
        return this;
    }

    List<String> names() {
        return names;
    }

    void bind(PreparedStatement insert) throws SQLException {
        for (int i = 0; i < values.size(); i++) {
            insert.setObject(i + 1, values.get(i));
        }
    }
}
