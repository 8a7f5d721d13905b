package dev.tokenmeter.storage.sink;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.sql.SQLException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/** What an operator watches: rows, failures, lag in records, age of the oldest row not yet stored. Thread-safe. */
final class SinkMetrics {
    private final MeterRegistry meters;
    private final Map<String, AtomicLong> lagByTopic = new ConcurrentHashMap<>();
    private final AtomicLong oldestUnstored = new AtomicLong(Long.MAX_VALUE);

    /** An insert. */
    interface Insert {
        void run() throws SQLException;
    }

    SinkMetrics(MeterRegistry meters) {
        this.meters = meters;
        Gauge.builder("tokenmeter.sink.age", this, SinkMetrics::ageSeconds)
                .description("Age of the oldest record that was read but is not in ClickHouse")
                .baseUnit("seconds")
                .register(meters);
    }

    void timed(String table, int rows, Insert insert) throws SQLException {
        Timer.Sample sample = Timer.start(meters);
        try {
            insert.run();
            counter("tokenmeter.sink.rows", "Rows stored", "table", table).increment(rows);
        } catch (SQLException e) {
            counter("tokenmeter.sink.insert.failures", "Inserts that failed and are tried again", "table", table)
                    .increment();
            throw e;
        } finally {
            sample.stop(Timer.builder("tokenmeter.sink.insert.duration")
                    .description("Duration of inserts, failed ones included")
                    .tag("table", table)
                    .register(meters));
        }
    }

    private Counter counter(String name, String description, String... tags) {
        return Counter.builder(name).description(description).tags(tags).register(meters);
    }

    void lag(Map<String, Long> recordsByTopic) {
        recordsByTopic.forEach((topic, records) ->
                lagByTopic.computeIfAbsent(topic, this::lagGauge).set(records));
    }

    private AtomicLong lagGauge(String topic) {
        AtomicLong lag = new AtomicLong();
        Gauge.builder("tokenmeter.sink.lag.records", lag, AtomicLong::doubleValue)
                .description("Records in the topic that were not read yet")
                .tag("topic", topic)
                .register(meters);
        return lag;
    }

    /** @param timestamp Kafka's, ms since the epoch; {@code Long.MAX_VALUE} when nothing waits */
    void oldestUnstored(long timestamp) {
        oldestUnstored.set(timestamp);
    }

    private double ageSeconds() {
        long oldest = oldestUnstored.get();
        return oldest == Long.MAX_VALUE ? 0 : Math.max(0, System.currentTimeMillis() - oldest) / 1000.0;
    }
}
