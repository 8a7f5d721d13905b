package dev.tokenmeter.storage.query;

import dev.tokenmeter.schemas.Money;
import java.math.BigDecimal;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.avro.LogicalTypes;
import org.apache.avro.Schema;
import org.apache.avro.specific.SpecificRecord;

/**
 * A row of a table as the record that it was made of. Columns are named as the record's fields, so the schema itself says how
 * to read each: a new field with a column is read without a change here. Thread-safe.
 */
final class RecordColumns {
    private final String names;
    private final List<Column> readers;

    RecordColumns(Schema schema) {
        names = String.join(
                ", ",
                schema.getFields().stream()
                        .map(field -> isTime(field.schema()) ? micros(field) : field.name())
                        .toList());
        readers = schema.getFields().stream()
                .map(field -> reader(branch(field.schema())))
                .toList();
    }

    /** What {@link #read} wants to find first in a row, in this order. */
    String names() {
        return names;
    }

    /** How many they are. */
    int count() {
        return readers.size();
    }

    /** Fills an empty record. */
    <R extends SpecificRecord> R read(ResultSet row, R record) throws SQLException {
        for (int i = 0; i < readers.size(); i++) {
            record.put(i, readers.get(i).of(row, i + 1));
        }
        return record;
    }

    /** Reads a column of a row; null for NULL. */
    private interface Column {
        Object of(ResultSet row, int index) throws SQLException;
    }

    private static String micros(Schema.Field field) {
        return "toUnixTimestamp64Micro(" + field.name() + ") AS " + field.name() + "_micros";
    }

    private static Column reader(Schema schema) {
        if (isTime(schema)) {
            return (row, index) -> {
                long micros = row.getLong(index);
                return row.wasNull() ? null : Rows.time(micros);
            };
        }
        return switch (schema.getType()) {
            case INT ->
                (row, index) -> {
                    int number = row.getInt(index);
                    return row.wasNull() ? null : number;
                };
            case LONG ->
                (row, index) -> {
                    long number = row.getLong(index);
                    return row.wasNull() ? null : number;
                };
            case BOOLEAN -> ResultSet::getBoolean;
            case BYTES -> (row, index) -> money(row.getBigDecimal(index));
            case MAP -> mapReader(schema.getValueType());
            case ENUM -> (row, index) -> symbol(schema, row.getString(index));
            default -> isUuid(schema) ? (row, index) -> UUID.fromString(row.getString(index)) : ResultSet::getString;
        };
    }

    private static Column mapReader(Schema values) {
        boolean money = values.getType() == Schema.Type.BYTES;
        return (row, index) -> {
            Map<String, Object> map = new HashMap<>();
            ((Map<?, ?>) row.getObject(index))
                    .forEach((name, value) -> map.put((String) name, money ? money((BigDecimal) value) : value));
            return map;
        };
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
