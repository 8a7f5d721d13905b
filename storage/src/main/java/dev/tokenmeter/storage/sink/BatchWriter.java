package dev.tokenmeter.storage.sink;

import dev.tokenmeter.service.deadletter.DeadLetterWriter;
import java.sql.SQLException;
import java.util.List;

/**
 * Writes a batch: a block a table. A block that ClickHouse refuses for its content is halved until the row that spoils it
 * stands alone; that row is dead-lettered and the rest stored.
 */
final class BatchWriter {
    private final RowInserter inserter;
    private final DeadLetterWriter deadLetters;
    private final SinkMetrics metrics;

    BatchWriter(RowInserter inserter, DeadLetterWriter deadLetters, SinkMetrics metrics) {
        this.inserter = inserter;
        this.deadLetters = deadLetters;
        this.metrics = metrics;
    }

    /** @throws SQLException if ClickHouse is not able to take rows now; the whole batch may be written again */
    void write(Batch batch) throws SQLException {
        for (List<SinkRow> rows : batch.byTable().values()) {
            write(rows);
        }
    }

    private void write(List<SinkRow> rows) throws SQLException {
        try {
            metrics.timed(rows.get(0).table(), rows.size(), () -> inserter.insert(rows));
        } catch (SQLException e) {
            if (!RefusedRow.explains(e)) {
                throw e;
            }
            isolate(rows, e);
        }
    }

    private void isolate(List<SinkRow> rows, SQLException refusal) throws SQLException {
        if (rows.size() == 1) {
            SinkRow row = rows.get(0);
            deadLetters.send(
                    row.source(),
                    "refused",
                    "ClickHouse refuses the row for " + row.table() + ": error " + refusal.getErrorCode());
            return;
        }
        int half = rows.size() / 2;
        write(rows.subList(0, half));
        write(rows.subList(half, rows.size()));
    }
}
