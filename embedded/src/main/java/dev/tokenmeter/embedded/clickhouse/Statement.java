package dev.tokenmeter.embedded.clickhouse;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * A statement taken apart. Its text is held in memory and bounded; its data, if it has any, is a stream.
 *
 * @param sql without inline data
 * @param format as the text names it, otherwise as the request does
 * @param data never null; empty but for inserts
 */
record Statement(StatementKind kind, byte[] sql, String format, InputStream data) {
    /** Four times ClickHouse's {@code max_query_size}, as that does not count an insert's data and we may. */
    static final int MAX_SQL_BYTES = 1 << 20;

    /**
     * @param urlSql the statement, followed by the body; null if the body has it
     * @throws ChdbException if the statement is too long
     */
    static Statement read(String urlSql, InputStream body, String defaultFormat) throws IOException {
        byte[] head = urlSql == null ? body.readNBytes(MAX_SQL_BYTES + 1) : urlSql.getBytes(StandardCharsets.UTF_8);
        SqlScan scan = SqlScan.of(head);
        return switch (scan.kind()) {
            case INSERT_WITH_DATA -> {
                if (scan.dataStart() > MAX_SQL_BYTES) {
                    throw tooLong();
                }
                InputStream inline = new ByteArrayInputStream(head, scan.dataStart(), head.length - scan.dataStart());
                yield new Statement(
                        scan.kind(),
                        Arrays.copyOf(head, scan.statementEnd()),
                        scan.format(),
                        new SequenceInputStream(inline, body));
            }
            case INSERT_WITHOUT_FORMAT -> {
                // The data can only be in the body, after a statement in the URL.
                InputStream data = urlSql == null ? InputStream.nullInputStream() : body;
                yield new Statement(scan.kind(), bounded(head), insertFormat(defaultFormat), data);
            }
            case SELECT, OTHER ->
                new Statement(
                        scan.kind(),
                        bounded(urlSql == null ? head : join(head, body)),
                        scan.format() == null ? defaultFormat : scan.format(),
                        InputStream.nullInputStream());
        };
    }

    private static String insertFormat(String defaultFormat) {
        return defaultFormat.equals("TabSeparated") ? "Values" : defaultFormat;
    }

    private static byte[] join(byte[] head, InputStream body) throws IOException {
        byte[] rest = body.readNBytes(MAX_SQL_BYTES + 1);
        if (rest.length == 0) {
            return head;
        }
        ByteArrayOutputStream joined = new ByteArrayOutputStream(head.length + rest.length + 1);
        joined.writeBytes(head);
        joined.write('\n');
        joined.writeBytes(rest);
        return joined.toByteArray();
    }

    private static byte[] bounded(byte[] sql) {
        if (sql.length > MAX_SQL_BYTES) {
            throw tooLong();
        }
        return sql;
    }

    private static ChdbException tooLong() {
        return new ChdbException(ChdbException.SYNTAX_ERROR, "Max query size exceeded: " + MAX_SQL_BYTES + " bytes");
    }
}
