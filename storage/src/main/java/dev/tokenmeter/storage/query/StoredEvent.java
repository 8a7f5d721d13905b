package dev.tokenmeter.storage.query;

import dev.tokenmeter.schemas.Money;
import dev.tokenmeter.schemas.UsageEvent;
import java.math.BigDecimal;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.avro.LogicalTypes;
import org.apache.avro.Schema;

/**
 * A row of {@code usage_events} as the event that it was made of. Columns are named as the event's fields, so the schema
 * itself says how to read each: a new field with a column is read without a change here.
 */
final class StoredEvent {
    private static final List<Schema.Field> FIELDS = UsageEvent.getClassSchema().getFields();

    /** What {@link #read} wants to find, in this order. */
    static final String COLUMNS = String.join(
            ", ",
            FIELDS.stream()
                    .map(field -> isTime(field.schema()) ? micros(field) : field.name())
                    .toList());

    private StoredEvent() {}

    private static String micros(Schema.Field field) {
        return "toUnixTimestamp64Micro(" + field.name() + ") AS " + field.name() + "_micros";
    }

    static UsageEvent read(ResultSet row) throws SQLException {
        UsageEvent event = new UsageEvent();
        for (Schema.Field field : FIELDS) {
            event.put(field.pos(), value(row, field.pos() + 1, branch(field.schema())));
        }
        return event;
    }

    private static Object value(ResultSet row, int column, Schema schema) throws SQLException {
        if (isTime(schema)) {
            long micros = row.getLong(column);
            return row.wasNull() ? null : Rows.time(micros);
        }
        switch (schema.getType()) {
            case INT -> {
                int number = row.getInt(column);
                return row.wasNull() ? null : number;
            }
            case LONG -> {
                long number = row.getLong(column);
                return row.wasNull() ? null : number;
            }
            case BOOLEAN -> {
                return row.getBoolean(column);
            }
            case BYTES -> {
                return money(row.getBigDecimal(column));
            }
            case MAP -> {
                return map((Map<?, ?>) row.getObject(column), schema.getValueType());
            }
            case ENUM -> {
                return symbol(schema, row.getString(column));
            }
            default -> {
                String text = row.getString(column);
                return isUuid(schema) ? UUID.fromString(text) : text;
            }
        }
    }

    private static Map<String, Object> map(Map<?, ?> found, Schema values) {
        Map<String, Object> map = new HashMap<>();
        boolean money = values.getType() == Schema.Type.BYTES;
        found.forEach((name, value) -> map.put((String) name, money ? money((BigDecimal) value) : value));
        return map;
    }

    private static BigDecimal money(BigDecimal amount) {
        return amount == null ? null : amount.setScale(Money.SCALE);
    }

    private static Object symbol(Schema schema, String name) {
        return org.apache.avro.specific.SpecificData.get().createEnum(name, schema);
    }

    private static boolean isTime(Schema schema) {
        return branch(schema).getLogicalType() instanceof LogicalTypes.TimestampMicros;
    }

    private static boolean isUuid(Schema schema) {
        return schema.getLogicalType() != null
                && schema.getLogicalType().getName().equals(LogicalTypes.uuid().getName());
    }

    /** The type beside null. */
    private static Schema branch(Schema schema) {
        if (!schema.isUnion()) {
            return schema;
        }
        return schema.getTypes().stream()
                .filter(type -> type.getType() != Schema.Type.NULL)
                .findFirst()
                .orElseThrow();
    }
}
