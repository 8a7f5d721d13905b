package dev.tokenmeter.alerting.rule;

import dev.tokenmeter.schemas.UsageRollup;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;

/**
 * Calls, counted.
 *
 * @param answered those that were not refused here
 * @param failed of them those that the provider failed: with a status from 500 on, with none, or not in time
 * @param blocked those that were refused here
 * @param latencies counts by the lowest millisecond of a bucket
 */
record Calls(long answered, long failed, long blocked, Map<Long, Long> latencies) {
    static final Calls NONE = new Calls(0, 0, 0, Map.of());

    static Calls of(UsageRollup rollup) {
        long failed = 0;
        long blocked = 0;
        for (Map.Entry<String, Long> error : rollup.getErrorsByClass().entrySet()) {
            String kind = error.getKey();
            if (kind.startsWith("blocked")) {
                blocked += error.getValue();
            } else if (kind.startsWith("timeout")
                    || kind.equals("upstream_error")
                    || kind.equals("upstream_error:5xx")) {
                failed += error.getValue();
            }
        }
        Map<Long, Long> latencies = new TreeMap<>();
        rollup.getLatencyMsHistogram().forEach((bucket, count) -> latencies.put(Long.valueOf(bucket), count));
        return new Calls(rollup.getRequests() - blocked, failed, blocked, latencies);
    }

    boolean isNone() {
        return answered == 0 && failed == 0 && blocked == 0;
    }

    Calls plus(Calls other) {
        return with(other, 1);
    }

    Calls minus(Calls other) {
        return with(other, -1);
    }

    private Calls with(Calls other, int sign) {
        Map<Long, Long> sum = new TreeMap<>(latencies);
        other.latencies.forEach((bucket, count) -> sum.merge(bucket, sign * count, Long::sum));
        sum.values().removeIf(count -> count == 0);
        return new Calls(
                answered + sign * other.answered, failed + sign * other.failed, blocked + sign * other.blocked, sum);
    }

    Calls withoutLatencies() {
        return new Calls(answered, failed, blocked, Map.of());
    }

    /** The lowest millisecond of the bucket into which so many percent of the calls fall at most; 0 for no calls. */
    long latency(int percentile) {
        long calls = latencies.values().stream().mapToLong(Long::longValue).sum();
        long rank = (calls * percentile + 99) / 100;
        long seen = 0;
        for (Map.Entry<Long, Long> bucket : latencies.entrySet()) {
            seen += bucket.getValue();
            if (seen >= rank) {
                return bucket.getKey();
            }
        }
        return 0;
    }

    /** Three numbers, then pairs of bucket and count, blanks between them. */
    static Serde<Calls> serde() {
        return Serdes.serdeFrom(
                (topic, calls) -> calls == null ? null : calls.text().getBytes(StandardCharsets.US_ASCII),
                (topic, bytes) -> bytes == null ? null : ofText(new String(bytes, StandardCharsets.US_ASCII)));
    }

    private String text() {
        StringBuilder text = new StringBuilder();
        text.append(answered).append(' ').append(failed).append(' ').append(blocked);
        latencies.forEach(
                (bucket, count) -> text.append(' ').append(bucket).append(' ').append(count));
        return text.toString();
    }

    private static Calls ofText(String text) {
        String[] numbers = text.split(" ");
        Map<Long, Long> latencies = new TreeMap<>();
        for (int i = 3; i < numbers.length; i += 2) {
            latencies.put(Long.valueOf(numbers[i]), Long.valueOf(numbers[i + 1]));
        }
        return new Calls(Long.parseLong(numbers[0]), Long.parseLong(numbers[1]), Long.parseLong(numbers[2]), latencies);
    }
}
