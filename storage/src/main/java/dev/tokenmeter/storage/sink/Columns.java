package dev.tokenmeter.storage.sink;

import java.math.BigDecimal;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * The columns of one row, in order, each with the value that the driver takes. A new one a row; so the names of all
 * rows of a mapping agree by construction.
 */
final class Columns {
    private final List<String> names = new ArrayList<>(64);
    private final List<Object> values = new ArrayList<>(64);

    Columns text(String name, Object value) {
        return put(name, value == null ? null : value.toString());
    }

    Columns id(String name, UUID value) {
        return put(name, value);
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

    Columns time(String name, Instant value) {
        return put(name, value == null ? null : value.atZone(ZoneOffset.UTC));
    }

    Columns map(String name, Map<String, ?> value) {
        return put(name, value);
    }

    Columns numbers(String name, List<Integer> value) {
        return put(name, value);
    }

    Columns array(String name, Object[] value) {
        return put(name, Arrays.asList(value));
    }

    private Columns put(String name, Object value) {
        names.add(name);
        values.add(value);
        return this;
    }

    List<String> names() {
        return names;
    }

    List<Object> values() {
        return values;
    }
}
