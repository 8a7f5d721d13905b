package dev.tokenmeter.alerting;

import static dev.tokenmeter.alerting.TestAlerts.alert;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tokenmeter.embedded.kafka.EmbeddedKafka;
import dev.tokenmeter.embedded.registry.SchemaRegistry;
import dev.tokenmeter.schemas.Alert;
import dev.tokenmeter.schemas.AlertState;
import dev.tokenmeter.schemas.Notification;
import dev.tokenmeter.schemas.Topics;
import dev.tokenmeter.service.KafkaSettings;
import dev.tokenmeter.service.RunningService;
import dev.tokenmeter.service.Settings;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.avro.generic.IndexedRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** From alerts to people, as the service runs: a real broker and registry, and receivers that fail. */
class DeliveryTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir
    private Path folder;

    private EmbeddedKafka kafka;
    private SchemaRegistry registry;
    private FakeReceiver well;
    private FakeReceiver ill;

    @BeforeEach
    void start() throws Exception {
        kafka = new EmbeddedKafka(folder.resolve("kafka"), 0, 0, Map.of());
        registry = new SchemaRegistry(kafka.bootstrapServers(), "127.0.0.1", 0);
        well = new FakeReceiver();
        ill = new FakeReceiver();
    }

    @AfterEach
    void stop() {
        well.close();
        ill.close();
        registry.close();
        kafka.close();
    }

    private Settings settings(String routes) throws Exception {
        return settings(routes, "1d");
    }

    private Settings settings(String routes, String retryFor) throws Exception {
        String yaml = """
                kafka: {bootstrap.servers: "%s", schema.registry.url: "%s"}
                alerting:
                  state.dir: %s
                  management.port: 0
                  external-url: https://usage.example.com
                  receivers:
                    well: {type: webhook, url: "%s/hook"}
                    ill: {type: webhook, url: "%s/hook", retry-for: %s, min-back-off: 20ms, max-back-off: 100ms}
                %s
                """.formatted(
                        kafka.bootstrapServers(),
                        registry.url(),
                        folder.resolve("streams"),
                        well.url(),
                        ill.url(),
                        retryFor,
                        routes.indent(2));
        return Settings.load(Files.writeString(folder.resolve("s.yaml"), yaml), Map.of(), Map.of());
    }

    private static RunningService run(Settings settings) throws Exception {
        AlertingServiceFactory factory = new AlertingServiceFactory();
        RunningService running = RunningService.start(factory, settings);
        settings.rejectUnknown(factory.sections());
        return running;
    }

    @Test
    void aReceiverThatIsDownGetsEachAlertOnceInOrderWhenItIsBackAndHoldsUpNobody() throws Exception {
        Settings settings = settings("""
                route:
                  receiver: well
                  group-by: ['...']
                  group-wait: 0s
                  routes:
                    - {receiver: ill, continue: true}
                    - {receiver: well}
                """);
        ill.behave(exchange -> FakeReceiver.status(exchange, 503, "down"));
        try (RunningService service = run(settings)) {
            send(settings, 0, 20);
            await().atMost(PATIENCE).until(() -> alerts(well).size() == 20);
            await().atMost(PATIENCE).until(() -> ill.seen().size() > 3);
            assertThat(metric(service, "tokenmeter_alerting_notification_oldest_age_seconds", "ill"))
                    .isPositive();
            assertThat(metric(service, "tokenmeter_alerting_notification_retries_total", "ill"))
                    .isPositive();
        }
        try (RunningService service = run(settings)) {
            send(settings, 20, 25);
            await().atMost(PATIENCE).until(() -> alerts(well).size() == 25);
            ill.behave(exchange -> FakeReceiver.status(exchange, 200, ""));
            await().atMost(PATIENCE).until(() -> alerts(ill).size() == 25);
            await().atMost(PATIENCE)
                    .until(() -> metric(service, "tokenmeter_alerting_notifications_waiting", "ill") == 0);
            assertThat(metric(service, "tokenmeter_alerting_notification_oldest_age_seconds", "ill"))
                    .isZero();
        }
        assertThat(alerts(ill)).isEqualTo(due(settings, "ill")).doesNotHaveDuplicates();
        assertThat(alerts(well)).isEqualTo(due(settings, "well")).doesNotHaveDuplicates();
    }

    @Test
    void aReceiverThatWasAwayHearsOfAGroupOnceHoweverOftenItChanged() throws Exception {
        Settings settings = settings("""
                route: {receiver: ill, group-by: [tenant], group-wait: 0s, group-interval: 1s}
                """);
        ill.behave(exchange -> FakeReceiver.status(exchange, 503, "down"));
        try (RunningService service = run(settings)) {
            for (int i = 0; i < 3; i++) {
                int wanted = i + 1;
                send(settings, i, i + 1);
                await().atMost(PATIENCE)
                        .until(() -> notifications(settings, "ill").size() == wanted);
            }
            await("it tries to tell all three at once")
                    .atMost(PATIENCE)
                    .until(() -> ill.seen().stream()
                            .anyMatch(taken ->
                                    taken.json().path("data").path("alerts").size() == 3));
            ill.behave(exchange -> FakeReceiver.status(exchange, 200, ""));
            await().atMost(PATIENCE).until(() -> alerts(ill).size() == 3);
        }
        assertThat(alerts(ill)).containsExactly("alert-000", "alert-001", "alert-002");
        assertThat(ill.taken()
                        .get(ill.taken().size() - 1)
                        .json()
                        .path("data")
                        .path("reason")
                        .asText())
                .isEqualTo("first");
    }

    @Test
    void whatAReceiverRefusesIsADeadLetterAndTheNextIsDelivered() throws Exception {
        Settings settings = settings("""
                route: {receiver: ill, group-by: ['...'], group-wait: 0s}
                """);
        ill.behave(exchange -> FakeReceiver.status(exchange, ill.seen().size() == 1 ? 400 : 200, "never that one"));
        try (RunningService service = run(settings)) {
            send(settings, 0, 1);
            await().atMost(PATIENCE).until(() -> deadLetters(settings).size() == 1);
            send(settings, 1, 2);
            await().atMost(PATIENCE).until(() -> alerts(ill).equals(List.of("alert-001")));
            assertThat(metric(service, "tokenmeter_alerting_notifications_total", "refused"))
                    .isEqualTo(1);
        }
        ConsumerRecord<String, byte[]> letter = deadLetters(settings).get(0);
        assertThat(header(letter, "dead-letter.reason")).isEqualTo("refused");
        assertThat(header(letter, "dead-letter.service")).isEqualTo("alerting");
        assertThat(header(letter, "dead-letter.source.topic")).isEqualTo("llm.notifications.v1");
        assertThat(header(letter, "dead-letter.message")).isEqualTo("receiver ill: HTTP 400: never that one");
        try (Deserializer<Notification> values = KafkaSettings.from(settings).valueDeserializer()) {
            assertThat(values.deserialize(Topics.NOTIFICATIONS.topicName(), letter.value())
                            .getAlerts())
                    .extracting(Alert::getAlertId)
                    .containsExactly("alert-000");
        }
    }

    @Test
    void whatCannotBeDeliveredInItsTimeIsADeadLetterToo() throws Exception {
        Settings settings = settings("""
                route: {receiver: ill, group-by: ['...'], group-wait: 0s}
                """, "500ms");
        ill.behave(exchange -> FakeReceiver.status(exchange, 503, "down"));
        try (RunningService service = run(settings)) {
            send(settings, 0, 1);
            await().atMost(PATIENCE).until(() -> deadLetters(settings).size() == 1);
            ill.behave(exchange -> FakeReceiver.status(exchange, 200, ""));
            send(settings, 1, 2);
            await().atMost(PATIENCE).until(() -> alerts(ill).equals(List.of("alert-001")));
        }
        ConsumerRecord<String, byte[]> letter = deadLetters(settings).get(0);
        assertThat(header(letter, "dead-letter.reason")).isEqualTo("expired");
        assertThat(header(letter, "dead-letter.message"))
                .isEqualTo("receiver ill: not delivered in PT0.5S: HTTP 503: down");
    }

    @Test
    void newRoutesTellTheirReceiverOfWhatFiresAlreadyAndNobodyElseAgain() throws Exception {
        String toWell = "route: {receiver: well, group-wait: 0s, group-interval: 1s}";
        Settings settings = settings(toWell);
        try (RunningService service = run(settings)) {
            send(settings, 0, 1);
            await().atMost(PATIENCE).until(() -> alerts(well).size() == 1);
        }
        try (RunningService service = run(settings(toWell.replace("well", "ill")))) {
            await().atMost(PATIENCE).until(() -> alerts(ill).size() == 1);
        }
        try (RunningService service = run(settings(toWell.replace("well", "ill")))) {
            send(settings, 1, 2);
            await().atMost(PATIENCE).until(() -> alerts(ill).size() >= 2);
        }
        assertThat(due(settings, "well")).containsExactly("alert-000");
        assertThat(notifications(settings, "ill"))
                .extracting(Notification::getReason)
                .containsExactly("first", "changed");
    }

    private void send(Settings settings, int from, int to) {
        KafkaSettings clients = KafkaSettings.from(settings);
        try (KafkaProducer<String, IndexedRecord> producer = new KafkaProducer<>(clients.producer("test"))) {
            for (int i = from; i < to; i++) {
                Alert alert = alert("alert-%03d".formatted(i), "acme")
                        .setLabels(Map.of("n", Integer.toString(i)))
                        .setState(AlertState.firing)
                        .build();
                producer.send(new ProducerRecord<>(Topics.ALERTS.topicName(), alert.getAlertId(), alert));
            }
        }
    }

    /** Ids of the alerts that it took, in order; what came again under its key counts once. */
    private static List<String> alerts(FakeReceiver receiver) {
        Map<String, List<String>> byKey = new LinkedHashMap<>();
        for (FakeReceiver.Taken taken : receiver.taken()) {
            List<String> ids = new ArrayList<>();
            taken.json()
                    .path("data")
                    .path("alerts")
                    .forEach(alert -> ids.add(alert.path("alert_id").asText()));
            byKey.putIfAbsent(taken.headers().get("idempotency-key"), ids);
        }
        return byKey.values().stream().flatMap(List::stream).toList();
    }

    private static List<String> due(Settings settings, String receiver) {
        return notifications(settings, receiver).stream()
                .flatMap(notification -> notification.getAlerts().stream())
                .map(Alert::getAlertId)
                .toList();
    }

    private static List<Notification> notifications(Settings settings, String receiver) {
        List<Notification> found = new ArrayList<>();
        try (Deserializer<Notification> values = KafkaSettings.from(settings).valueDeserializer()) {
            for (ConsumerRecord<String, byte[]> record : all(settings, Topics.NOTIFICATIONS)) {
                if (record.key().equals(receiver)) {
                    found.add(values.deserialize(record.topic(), record.value()));
                }
            }
        }
        return found;
    }

    private static List<ConsumerRecord<String, byte[]>> deadLetters(Settings settings) {
        return all(settings, Topics.DEAD_LETTER);
    }

    private static List<ConsumerRecord<String, byte[]>> all(Settings settings, Topics topic) {
        List<ConsumerRecord<String, byte[]>> all = new ArrayList<>();
        Map<String, Object> configs = KafkaSettings.from(settings).consumer(null);
        try (KafkaConsumer<String, byte[]> consumer =
                new KafkaConsumer<>(configs, new StringDeserializer(), new ByteArrayDeserializer())) {
            List<TopicPartition> partitions = consumer.partitionsFor(topic.topicName()).stream()
                    .map(info -> new TopicPartition(info.topic(), info.partition()))
                    .toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            while (ends.entrySet().stream().anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
                consumer.poll(Duration.ofMillis(100)).forEach(all::add);
            }
        }
        return all;
    }

    private static String header(ConsumerRecord<?, ?> record, String name) {
        return new String(record.headers().lastHeader(name).value(), StandardCharsets.UTF_8);
    }

    /** The value of the series whose labels hold a text. */
    private static double metric(RunningService service, String name, String label) throws Exception {
        URI uri = URI.create("http://127.0.0.1:" + service.managementPort() + "/metrics");
        return HttpClient.newHttpClient()
                .send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString())
                .body()
                .lines()
                .filter(line -> line.startsWith(name + "{") && line.contains('"' + label + '"'))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' '))))
                .findFirst()
                .orElse(Double.NaN);
    }
}
