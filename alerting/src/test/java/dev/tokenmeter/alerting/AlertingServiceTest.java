package dev.tokenmeter.alerting;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tokenmeter.embedded.kafka.EmbeddedKafka;
import dev.tokenmeter.embedded.registry.SchemaRegistry;
import dev.tokenmeter.schemas.Alert;
import dev.tokenmeter.schemas.AlertState;
import dev.tokenmeter.schemas.BudgetStatus;
import dev.tokenmeter.schemas.Money;
import dev.tokenmeter.schemas.Topics;
import dev.tokenmeter.service.KafkaSettings;
import dev.tokenmeter.service.RunningService;
import dev.tokenmeter.service.Settings;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.avro.generic.IndexedRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The service as it runs: a real broker and registry, exactly once. */
class AlertingServiceTest {
    private static final Duration PATIENCE = Duration.ofSeconds(40);

    @Test
    void anAlertFiresOnceAlsoOverARestartAndIsResolvedAfterIt(@TempDir Path folder) throws Exception {
        try (EmbeddedKafka kafka = new EmbeddedKafka(folder.resolve("kafka"), 0, 0, Map.of());
                SchemaRegistry registry = new SchemaRegistry(kafka.bootstrapServers(), "127.0.0.1", 0)) {
            Settings settings = Settings.of(Map.of(
                    "kafka.bootstrap.servers", kafka.bootstrapServers(),
                    "kafka.schema.registry.url", registry.url(),
                    "alerting.state.dir", folder.resolve("streams").toString(),
                    "alerting.management.port", "0"));
            KafkaSettings clients = KafkaSettings.from(settings);
            try (RunningService service = start(settings)) {
                assertThat(service.isReady()).isTrue();
                send(clients, status("85", List.of(80)));
                await().atMost(PATIENCE).until(() -> states(clients), List.of(AlertState.firing)::equals);
            }
            try (RunningService service = start(settings)) {
                assertThat(service.isReady()).isTrue();
                send(clients, status("86", List.of(80)));
                send(clients, status("86", List.of()));
                await().atMost(PATIENCE)
                        .until(() -> states(clients), List.of(AlertState.firing, AlertState.resolved)::equals);
            }
        }
    }

    private static RunningService start(Settings settings) throws Exception {
        return RunningService.start(new AlertingServiceFactory(), settings);
    }

    private static BudgetStatus status(String spent, List<Integer> crossed) {
        Instant now = Instant.now();
        return BudgetStatus.newBuilder()
                .setBudgetId("b1")
                .setTenant("acme")
                .setName("Production")
                .setPeriodStart(now.minus(Duration.ofDays(10)))
                .setPeriodEnd(now.plus(Duration.ofDays(10)))
                .setSpentUsd(Money.exact(new BigDecimal(spent)))
                .setLimitUsd(Money.exact(new BigDecimal("100")))
                .setThresholdsPercent(List.of(80))
                .setThresholdsCrossed(crossed)
                .setUpdatedAt(now)
                .build();
    }

    private static void send(KafkaSettings clients, BudgetStatus status) {
        try (KafkaProducer<String, IndexedRecord> producer = new KafkaProducer<>(clients.producer("test"))) {
            producer.send(new ProducerRecord<>(Topics.BUDGET_STATUS.topicName(), "b1|now", status));
        }
    }

    private static List<AlertState> states(KafkaSettings clients) {
        List<AlertState> states = new ArrayList<>();
        try (KafkaConsumer<String, Alert> consumer = new KafkaConsumer<>(clients.consumer(null))) {
            List<TopicPartition> partitions = consumer.partitionsFor(Topics.ALERTS.topicName()).stream()
                    .map(info -> new TopicPartition(info.topic(), info.partition()))
                    .toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            while (ends.entrySet().stream().anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
                consumer.poll(Duration.ofMillis(100))
                        .forEach(record -> states.add(record.value().getState()));
            }
        }
        return states;
    }
}
