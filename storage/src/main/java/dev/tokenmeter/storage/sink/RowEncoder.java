package dev.tokenmeter.storage.sink;

import com.clickhouse.client.api.data_formats.RowBinaryFormatWriter;
import com.clickhouse.client.api.metadata.TableSchema;
import com.clickhouse.data.ClickHouseFormat;
import dev.tokenmeter.storage.clickhouse.ClickHouse;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * Writes rows in ClickHouse's {@code RowBinary}, by the types that its tables have: what a batch holds is then small, and
 * ClickHouse need not parse text. One thread.
 */
final class RowEncoder {
    private final ClickHouse clickHouse;
    private final Map<String, Table> tables = new HashMap<>();

    RowEncoder(ClickHouse clickHouse) {
        this.clickHouse = clickHouse;
    }

    /** A table's columns, and what writes them. */
    private static final class Table {
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream(1024);
        private final List<String> names;
        private final RowBinaryFormatWriter writer;

        Table(List<String> names, TableSchema schema) {
            this.names = List.copyOf(names);
            this.writer = new RowBinaryFormatWriter(bytes, schema, ClickHouseFormat.RowBinary);
        }

        byte[] write(List<Object> values) throws IOException {
            bytes.reset();
            writer.clearRow();
            for (int i = 0; i < values.size(); i++) {
                writer.setValue(i + 1, values.get(i));
            }
            writer.commitRow();
            return bytes.toByteArray();
        }
    }

    /**
     * @throws SQLException if ClickHouse does not tell what the table's types are
     * @throws IllegalArgumentException if a value does not fit its column
     */
    SinkRow encode(String name, Columns columns, ConsumerRecord<byte[], byte[]> source) throws SQLException {
        Table table = tables.get(name);
        if (table == null) {
            table = new Table(columns.names(), clickHouse.schemaOf(name, columns.names()));
            tables.put(name, table);
        }
        try {
            return new SinkRow(name, table.names, table.write(columns.values()), source);
        } catch (IOException | RuntimeException e) {
            throw new IllegalArgumentException("does not fit a row of " + name + ": " + e.getMessage(), e);
        }
    }
}
