package dev.tokenmeter.storage.sink;

import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import org.apache.kafka.common.TopicPartition;

/**
 * Names a block of rows by where they came from, so that ClickHouse drops the block when a retry repeats it. The
 * records' timestamps are part of it: a topic that was deleted and made again starts at offset 0 with other data.
 */
final class DeduplicationToken {
    private DeduplicationToken() {}

    static String of(List<SinkRow> rows) {
        Map<TopicPartition, long[]> ranges = new HashMap<>();
        for (SinkRow row : rows) {
            long offset = row.source().offset();
            long timestamp = row.source().timestamp();
            ranges.merge(row.partition(), new long[] {offset, offset, 1, timestamp}, (a, b) ->
                    new long[] {Math.min(a[0], b[0]), Math.max(a[1], b[1]), a[2] + 1, a[3] * 31 + b[3]});
        }
        StringBuilder text = new StringBuilder();
        Map<String, long[]> inOrder = new TreeMap<>();
        ranges.forEach((partition, range) -> inOrder.put(partition.toString(), range));
        inOrder.forEach((partition, range) -> {
            text.append(partition);
            for (long part : range) {
                text.append(':').append(part);
            }
            text.append(';');
        });
        return UUID.nameUUIDFromBytes(text.toString().getBytes(StandardCharsets.UTF_8))
                .toString();
    }
}
