package dev.tokenmeter.storage;

import static dev.tokenmeter.storage.sink.TestRecords.event;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tokenmeter.embedded.clickhouse.ClickHouseProcess;
import dev.tokenmeter.schemas.Granularity;
import dev.tokenmeter.schemas.Topics;
import dev.tokenmeter.schemas.UsageEvent;
import dev.tokenmeter.service.Health;
import dev.tokenmeter.service.ServiceContext;
import dev.tokenmeter.service.Settings;
import dev.tokenmeter.service.deadletter.DeadLetter;
import dev.tokenmeter.storage.clickhouse.ClickHouseForTests;
import dev.tokenmeter.storage.clickhouse.Engine;
import dev.tokenmeter.storage.sink.TestRecords;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StorageServiceTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Instant AT = Instant.parse("2026-11-23T09:00:00Z");
    private static KafkaForTests kafka;

    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final Health health = new Health();

    @BeforeAll
    static void start() throws Exception {
        kafka = new KafkaForTests();
    }

    @AfterAll
    static void stop() {
        kafka.close();
    }

    private StorageService service(ClickHouseForTests db, Map<String, String> more) {
        Map<String, String> values = new HashMap<>(kafka.settings());
        values.put("clickhouse.url", db.config().url().toString());
        values.put("clickhouse.database", db.config().database());
        values.put("storage.group-id", "test-" + UUID.randomUUID());
        values.put("storage.sink.max-batch-delay", "100ms");
        values.put("storage.sink.max-back-off", "500ms");
        values.putAll(more);
        ServiceContext context = new ServiceContext(kafka.kafka(), meters, health);
        return new StorageService(StorageConfig.from(Settings.of(values)), context);
    }

    private boolean isReady() {
        return health.ready().values().stream().allMatch(Health.Status::up);
    }

    private static void awaitCount(ClickHouseForTests db, String query, long count) {
        await(query)
                .atMost(PATIENCE)
                .untilAsserted(
                        () -> assertThat(db.ask("SELECT count() FROM " + query).toString())
                                .isEqualTo(Long.toString(count)));
    }

    @Test
    void storesEveryRecordOnceAndDeadLettersWhatCannotBeStored() throws Exception {
        try (ClickHouseForTests db = ClickHouseForTests.empty();
                StorageService service = service(db, Map.of("storage.sink.max-batch-rows", "7"))) {
            service.start();
            UsageEvent twice = event("mixed", AT, "m", "1").build();
            kafka.send(Topics.USAGE, twice, twice);
            byte[] poison = "not Avro".getBytes(StandardCharsets.UTF_8);
            kafka.sendBytes(Topics.USAGE, poison);
            UsageEvent[] many = new UsageEvent[20];
            for (int i = 0; i < many.length; i++) {
                many[i] = event("mixed", AT, "m", "1").build();
            }
            // ClickHouse refuses a call made before there were such models.
            many[11] = event("mixed", Instant.parse("1999-01-01T00:00:00Z"), "m", "1")
                    .build();
            kafka.send(Topics.USAGE, many);
            kafka.send(
                    Topics.ROLLUPS,
                    TestRecords.rollup(twice, Granularity.hour, AT, AT.plusSeconds(3600))
                            .build());

            awaitCount(db, "usage_events FINAL WHERE tenant = 'mixed'", 20);
            awaitCount(db, "usage_rollups FINAL WHERE tenant = 'mixed'", 1);
            var dead = kafka.read(Topics.DEAD_LETTER);
            assertThat(dead).hasSize(2);
            assertThat(dead.get(0).value()).isEqualTo(poison);
            assertThat(header(dead.get(0), DeadLetter.SOURCE_TOPIC)).isEqualTo("llm.usage.v1");
            assertThat(header(dead.get(0), DeadLetter.REASON)).isEqualTo("poison");
            assertThat(header(dead.get(0), DeadLetter.MESSAGE)).contains("cannot be read");
            assertThat(header(dead.get(1), DeadLetter.REASON)).isEqualTo("refused");
            assertThat(header(dead.get(1), DeadLetter.MESSAGE)).contains("469");
            assertThat(header(dead.get(1), DeadLetter.SERVICE)).isEqualTo("storage");
            assertThat(header(dead.get(1), DeadLetter.SOURCE_OFFSET)).matches("\\d+");
            assertThat(isReady()).isTrue();
            assertThat(meters.get("tokenmeter.sink.rows")
                            .tag("table", "usage_rollups")
                            .counter()
                            .count())
                    .isEqualTo(1);
        }
    }

    private static String header(ConsumerRecord<String, byte[]> record, String name) {
        return new String(record.headers().lastHeader(name).value(), StandardCharsets.UTF_8);
    }

    @Test
    void aRestartGoesOnWhereTheLastCommitWas() throws Exception {
        try (ClickHouseForTests db = ClickHouseForTests.empty()) {
            Map<String, String> group = Map.of("storage.group-id", "restart-" + UUID.randomUUID());
            try (StorageService first = service(db, group)) {
                first.start();
                kafka.send(Topics.USAGE, event("restart", AT, "m", "1").build());
                awaitCount(db, "usage_events FINAL WHERE tenant = 'restart'", 1);
            }
            db.execute("TRUNCATE TABLE usage_events");
            try (StorageService second = service(db, group)) {
                second.start();
                kafka.send(Topics.USAGE, event("restart", AT, "m", "1").build());
                awaitCount(db, "usage_events FINAL WHERE tenant = 'restart'", 1);
            }
        }
    }

    @Test
    void whileClickHouseIsDownNothingIsLostAndReadinessSaysWhy(@TempDir Path dir) throws Exception {
        int port;
        try (ServerSocket socket = new ServerSocket(0)) {
            port = socket.getLocalPort();
        }
        ClickHouseProcess engine = Engine.start(dir, port);
        ClickHouseForTests db = ClickHouseForTests.empty(engine.url());
        try (StorageService service = service(db, Map.of("storage.sink.max-batch-rows", "5"))) {
            service.start();
            kafka.send(Topics.USAGE, event("outage", AT, "m", "1").build());
            awaitCount(db, "usage_events FINAL WHERE tenant = 'outage'", 1);
            engine.close();
            for (int i = 0; i < 30; i++) {
                kafka.send(Topics.USAGE, event("outage", AT, "m", "1").build());
            }
            await().atMost(PATIENCE).until(() -> !isReady());
            assertThat(health.ready().get("sink").detail())
                    .contains("ClickHouse")
                    .contains("since");
            assertThat(meters.get("tokenmeter.sink.insert.failures").counter().count())
                    .isPositive();
            engine = Engine.start(dir, port);
            awaitCount(db, "usage_events FINAL WHERE tenant = 'outage'", 31);
            await().atMost(PATIENCE).until(this::isReady);
        } finally {
            db.clickHouse().close();
            engine.close();
        }
    }
}
