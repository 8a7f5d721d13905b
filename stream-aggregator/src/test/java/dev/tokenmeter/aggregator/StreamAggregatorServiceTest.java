package dev.tokenmeter.aggregator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tokenmeter.embedded.kafka.EmbeddedKafka;
import dev.tokenmeter.embedded.registry.SchemaRegistry;
import dev.tokenmeter.schemas.Budget;
import dev.tokenmeter.schemas.BudgetStatus;
import dev.tokenmeter.schemas.Granularity;
import dev.tokenmeter.schemas.Money;
import dev.tokenmeter.schemas.Topics;
import dev.tokenmeter.schemas.UsageEvent;
import dev.tokenmeter.schemas.UsageRollup;
import dev.tokenmeter.service.KafkaSettings;
import dev.tokenmeter.service.RunningService;
import dev.tokenmeter.service.Settings;
import java.math.BigDecimal;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.avro.generic.IndexedRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The service as it runs: a real broker and registry, exactly once, several partitions and threads. */
class StreamAggregatorServiceTest {
    private static final Duration PATIENCE = Duration.ofSeconds(40);

    @TempDir
    Path folder;

    private EmbeddedKafka kafka;
    private SchemaRegistry registry;
    private Settings settings;
    private KafkaSettings clients;

    @BeforeEach
    void start() {
        kafka = new EmbeddedKafka(folder.resolve("kafka"), 0, 0, Map.of());
        registry = new SchemaRegistry(kafka.bootstrapServers(), "127.0.0.1", 0);
        settings = Settings.of(Map.of(
                "kafka.bootstrap.servers", kafka.bootstrapServers(),
                "kafka.schema.registry.url", registry.url(),
                "stream-aggregator.state.dir", folder.resolve("streams").toString(),
                "stream-aggregator.num.stream.threads", "2",
                "stream-aggregator.management.port", "0"));
        clients = KafkaSettings.from(settings);
    }

    @AfterEach
    void stop() {
        registry.close();
        kafka.close();
    }

    @Test
    void theLedgerHoldsOverDuplicatesPoisonAFutureClockAndARestart() throws Exception {
        Random random = new Random(7);
        Instant now = Instant.now();
        List<UsageEvent> events = Events.random(random, 1500, now.minus(Duration.ofDays(2)), now);
        events.add(
                Events.event("tenant-0", now.plus(Duration.ofDays(400)), "1.5").build());
        List<UsageEvent> sent = new ArrayList<>(events);
        sent.addAll(events.subList(0, 300));
        Collections.shuffle(sent, random);

        try (RunningService service = startService()) {
            await().atMost(PATIENCE).until(service::isReady);
            define(AggregatorDriver.budget("b1", "tenant-1", "1000").build());
            sendRaw(new byte[] {1, 2, 3});
            send(sent.subList(0, 900));
            await().atMost(PATIENCE).until(() -> requests(Granularity.hour), counted -> counted > 0);
        }
        try (RunningService service = startService()) {
            send(sent.subList(900, sent.size()));
            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(requests(Granularity.hour)).isEqualTo(events.size()));
            for (Granularity granularity : List.of(Granularity.hour, Granularity.day)) {
                for (String group : List.of("tenant", "detail")) {
                    await().atMost(PATIENCE)
                            .untilAsserted(
                                    () -> assertThat(cost(group, granularity)).isEqualTo(cost(events)));
                }
            }
            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(spent("tenant-1"))
                            .isEqualTo(cost(events.stream()
                                    .filter(e -> e.getTenant().equals("tenant-1"))
                                    .toList())));
            assertThat(read(Topics.DEAD_LETTER, new ByteArrayDeserializer()))
                    .extracting(ConsumerRecord::value)
                    .containsExactly(new byte[] {1, 2, 3});
            assertThat(metrics(service)).contains("tokenmeter_aggregator_events_total{result=\"counted\"}");
        }
    }

    @Test
    void anOutageOfTheRegistryDelaysEventsButLosesNone() throws Exception {
        Instant now = Instant.now();
        List<UsageEvent> events = Events.random(new Random(1), 20, now.minusSeconds(60), now);
        List<byte[]> written = events.stream()
                .map(event -> clients.valueSerializer().serialize(Topics.USAGE.topicName(), event))
                .toList();
        String url = registry.url();
        try (RunningService service = startService()) {
            registry.close();
            written.forEach(this::sendRaw);
            await().during(Duration.ofSeconds(3))
                    .atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(read(Topics.ROLLUPS, new ByteArrayDeserializer()))
                            .isEmpty());
            registry = new SchemaRegistry(
                    kafka.bootstrapServers(), "127.0.0.1", URI.create(url).getPort());
            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(requests(Granularity.day)).isEqualTo(events.size()));
            assertThat(metrics(service)).contains("tokenmeter_streams_thread_failures_total 0.0");
            assertThat(read(Topics.DEAD_LETTER, new ByteArrayDeserializer())).isEmpty();
        }
    }

    private RunningService startService() throws Exception {
        return RunningService.start(new StreamAggregatorServiceFactory(), settings);
    }

    private static String metrics(RunningService service) throws Exception {
        URI uri = URI.create("http://127.0.0.1:" + service.managementPort() + "/metrics");
        return HttpClient.newHttpClient()
                .send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString())
                .body();
    }

    private void send(List<UsageEvent> events) {
        try (KafkaProducer<String, IndexedRecord> producer = new KafkaProducer<>(clients.producer("test"))) {
            events.forEach(
                    event -> producer.send(new ProducerRecord<>(Topics.USAGE.topicName(), event.getApiKeyId(), event)));
        }
    }

    private void define(Budget budget) {
        try (KafkaProducer<String, IndexedRecord> producer = new KafkaProducer<>(clients.producer("test"))) {
            producer.send(new ProducerRecord<>(Topics.BUDGETS.topicName(), budget.getBudgetId(), budget));
        }
    }

    private void sendRaw(byte[] value) {
        try (KafkaProducer<String, byte[]> producer =
                new KafkaProducer<>(clients.producer("test"), new StringSerializer(), new ByteArraySerializer())) {
            producer.send(new ProducerRecord<>(Topics.USAGE.topicName(), "key", value));
        }
    }

    private long requests(Granularity granularity) {
        return rollups("tenant", granularity).stream()
                .mapToLong(UsageRollup::getRequests)
                .sum();
    }

    private BigDecimal cost(String group, Granularity granularity) {
        return rollups(group, granularity).stream().map(UsageRollup::getCostUsd).reduce(Money.ZERO, BigDecimal::add);
    }

    private static BigDecimal cost(List<UsageEvent> events) {
        return events.stream()
                .map(event -> event.getCostUsd() == null ? Money.ZERO : event.getCostUsd())
                .reduce(Money.ZERO, BigDecimal::add);
    }

    private Collection<UsageRollup> rollups(String group, Granularity granularity) {
        Map<String, UsageRollup> last = new HashMap<>();
        this.<UsageRollup>read(Topics.ROLLUPS, clients.valueDeserializer()).forEach(record -> {
            UsageRollup before = last.put(record.key(), record.value());
            assertThat(record.value().getRevision()).isGreaterThan(before == null ? 0 : before.getRevision());
        });
        return last.values().stream()
                .filter(r -> r.getDimensionGroup().equals(group) && r.getGranularity() == granularity)
                .toList();
    }

    private BigDecimal spent(String tenant) {
        Map<String, BigDecimal> last = new HashMap<>();
        this.<BudgetStatus>read(Topics.BUDGET_STATUS, clients.valueDeserializer())
                .forEach(record -> last.put(record.key(), record.value().getSpentUsd()));
        return last.values().stream().reduce(Money.ZERO, BigDecimal::add);
    }

    /** All that is committed in a topic now. */
    private <V> List<ConsumerRecord<String, V>> read(Topics topic, Deserializer<V> values) {
        List<ConsumerRecord<String, V>> records = new ArrayList<>();
        try (KafkaConsumer<String, V> consumer =
                new KafkaConsumer<>(clients.consumer(null), new StringDeserializer(), values)) {
            List<TopicPartition> partitions = consumer.partitionsFor(topic.topicName()).stream()
                    .map(info -> new TopicPartition(info.topic(), info.partition()))
                    .toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            while (ends.entrySet().stream().anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
                consumer.poll(Duration.ofMillis(100)).forEach(records::add);
            }
        }
        return records;
    }
}
