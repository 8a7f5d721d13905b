package dev.tokenmeter.service.deadletter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tokenmeter.embedded.kafka.EmbeddedKafka;
import dev.tokenmeter.schemas.Topics;
import dev.tokenmeter.service.KafkaSettings;
import dev.tokenmeter.service.Settings;
import dev.tokenmeter.service.TopicAdmin;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Letters on a real broker; each test uses a key of its own. */
class DeadLetterDeskTest {
    private static final int ATTEMPTS = 3;
    private static EmbeddedKafka broker;
    private static KafkaSettings kafka;
    private static Producer<byte[], byte[]> producer;
    private static DeadLetterWriter storage;
    private static DeadLetterWriter aggregator;

    @BeforeAll
    static void start(@TempDir Path data) throws Exception {
        broker = new EmbeddedKafka(data, 0, 0, Map.of());
        kafka = KafkaSettings.from(Settings.of(Map.of(
                "kafka.bootstrap.servers", broker.bootstrapServers(),
                "kafka.schema.registry.url", "http://127.0.0.1:1",
                "kafka.topic-partitions", "2")));
        TopicAdmin.ensureTopics(kafka);
        producer = new KafkaProducer<>(kafka.producer("test"), new ByteArraySerializer(), new ByteArraySerializer());
        storage = new DeadLetterWriter("storage", kafka, new SimpleMeterRegistry());
        aggregator = new DeadLetterWriter("stream-aggregator", kafka, new SimpleMeterRegistry());
    }

    @AfterAll
    static void stop() {
        storage.close();
        aggregator.close();
        producer.close();
        broker.close();
    }

    @Test
    void aRecordIsSentAgainAsItCameIntoItsPartitionAndOnlyOnce() throws Exception {
        ConsumerRecord<byte[], byte[]> refused = write(Topics.USAGE, 1, "as-it-came", "value", Map.of("trace", "t1"));
        storage.send(refused, "poison", "cannot be read");
        aggregator.send(refused, "poison", "cannot be read");

        assertThat(replay("poison", Set.of("late"))).containsEntry(Resolution.REPLAYED, 1);
        assertThat(replay("poison", Set.of("late"))).as("again").isEmpty();

        List<ConsumerRecord<byte[], byte[]>> sent = read(Topics.USAGE, "as-it-came");
        assertThat(sent).hasSize(2);
        ConsumerRecord<byte[], byte[]> again = sent.get(1);
        assertThat(again.partition()).isEqualTo(1);
        assertThat(again.value()).isEqualTo(refused.value());
        assertThat(header(again, "trace")).isEqualTo("t1");
        assertThat(header(again, Replays.OF)).isEqualTo("llm.usage.v1|1|" + refused.offset());
        assertThat(header(again, Replays.ATTEMPT)).isEqualTo("1");
        assertThat(Replays.accepts(again.headers(), "late")).isTrue();
        assertThat(Replays.accepts(again.headers(), "invalid")).isFalse();
        assertThat(again.headers()).noneMatch(header -> header.key().startsWith("dead-letter."));
    }

    @Test
    void aReplayThatDiesMidwayIsGoneOnWithAndSendsEachOnce() throws Exception {
        int letters = 700;
        for (int i = 0; i < letters; i++) {
            storage.send(write(Topics.USAGE, i % 2, "midway-" + i, "v", Map.of()), "midway", "x");
        }
        assertThatThrownBy(() -> {
                    try (DeadLetterDesk desk = new DeadLetterDesk(kafka)) {
                        desk.replay(reason("midway"), Set.of(), ATTEMPTS, (letter, outcome) -> {
                            throw new IllegalStateException("killed");
                        });
                    }
                })
                .hasMessage("killed");

        assertThat(replay("midway", Set.of()).get(Resolution.REPLAYED))
                .as("some were sent before")
                .isBetween(1, letters - 1);
        for (int i = 0; i < letters; i += 50) {
            assertThat(read(Topics.USAGE, "midway-" + i)).as("record %d", i).hasSize(2);
        }
    }

    @Test
    void whatADeadDeskHadNotCommittedIsNeverSeen() throws Exception {
        storage.send(write(Topics.USAGE, 0, "dead-desk", "v", Map.of()), "dead-desk", "x");
        DeadLetterDesk zombie = new DeadLetterDesk(kafka);
        assertThat(replay("dead-desk", Set.of())).containsEntry(Resolution.REPLAYED, 1);

        storage.send(write(Topics.USAGE, 0, "after", "v", Map.of()), "dead-desk", "x");
        assertThatThrownBy(() -> zombie.replay(reason("dead-desk"), Set.of(), ATTEMPTS, (letter, outcome) -> {}))
                .as("another desk took over")
                .isInstanceOf(org.apache.kafka.common.KafkaException.class);
        zombie.close();
        assertThat(read(Topics.USAGE, "after")).hasSize(1);
        assertThat(replay("dead-desk", Set.of())).containsEntry(Resolution.REPLAYED, 1);
    }

    @Test
    void whatComesBackIsALetterOfItsOwnAndNotSentForEver() throws Exception {
        storage.send(write(Topics.USAGE, 0, "comes-back", "v", Map.of()), "comes-back", "x");
        for (int attempt = 1; attempt <= ATTEMPTS; attempt++) {
            assertThat(replay("comes-back", Set.of())).containsEntry(Resolution.REPLAYED, 1);
            List<ConsumerRecord<byte[], byte[]>> sent = read(Topics.USAGE, "comes-back");
            assertThat(sent).hasSize(1 + attempt);
            storage.send(sent.get(attempt), "comes-back", "still");
        }

        assertThat(replay("comes-back", Set.of())).as("often enough").isEmpty();
        List<Letter> letters = letters("comes-back");
        assertThat(letters).extracting(Letter::attempts).containsExactly(0, 1, 2, 3);
        assertThat(letters.get(3).resolution()).isNull();
        assertThat(read(Topics.USAGE, "comes-back")).hasSize(1 + ATTEMPTS);
    }

    @Test
    void anOldBudgetDoesNotTakeThePlaceOfTheOneInForce() throws Exception {
        ConsumerRecord<byte[], byte[]> old = write(Topics.BUDGETS, 0, "budget-1", "old", Map.of());
        ConsumerRecord<byte[], byte[]> alone = write(Topics.BUDGETS, 0, "budget-2", "alone", Map.of());
        write(Topics.BUDGETS, 0, "budget-1", "new", Map.of());
        aggregator.send(old, "budget", "x");
        aggregator.send(alone, "budget", "x");

        assertThat(replay("budget", Set.of()))
                .containsEntry(Resolution.SUPERSEDED, 1)
                .containsEntry(Resolution.REPLAYED, 1);

        assertThat(read(Topics.BUDGETS, "budget-1")).hasSize(2);
        assertThat(read(Topics.BUDGETS, "budget-2")).hasSize(2);
    }

    @Test
    void whatIsPutAwayIsNotSentAndStaysToBeSeen() throws Exception {
        storage.send(write(Topics.USAGE, 0, "away", "v", Map.of()), "away", "x");
        try (DeadLetterDesk desk = new DeadLetterDesk(kafka)) {
            desk.putAway(reason("away"), Resolution.DISCARDED, (letter, outcome) -> {});
        }

        assertThat(replay("away", Set.of())).isEmpty();
        assertThat(letters("away")).extracting(Letter::resolution).containsExactly(Resolution.DISCARDED);
        assertThat(read(Topics.USAGE, "away")).hasSize(1);
    }

    private static Map<Resolution, Integer> replay(String reason, Set<String> accept) {
        try (DeadLetterDesk desk = new DeadLetterDesk(kafka)) {
            return desk.replay(reason(reason), accept, ATTEMPTS, (letter, outcome) -> {});
        }
    }

    private static LetterFilter reason(String reason) {
        return new LetterFilter(Set.of(), reason, null, null, null, null);
    }

    private static List<Letter> letters(String reason) {
        List<Letter> letters = new ArrayList<>();
        new DeadLetterLog(kafka).forEach(reason(reason), letters::add);
        return letters;
    }

    private static ConsumerRecord<byte[], byte[]> write(
            Topics topic, int partition, String key, String value, Map<String, String> headers) throws Exception {
        ProducerRecord<byte[], byte[]> record =
                new ProducerRecord<>(topic.topicName(), partition, bytes(key), bytes(value));
        headers.forEach((name, text) -> record.headers().add(name, bytes(text)));
        RecordMetadata written = producer.send(record).get();
        ConsumerRecord<byte[], byte[]> read =
                new ConsumerRecord<>(topic.topicName(), partition, written.offset(), record.key(), record.value());
        record.headers().forEach(read.headers()::add);
        return read;
    }

    private static List<ConsumerRecord<byte[], byte[]>> read(Topics topic, String key) {
        List<ConsumerRecord<byte[], byte[]>> found = new ArrayList<>();
        try (KafkaConsumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(kafka.consumer(null), new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            List<TopicPartition> partitions = consumer.partitionsFor(topic.topicName()).stream()
                    .map(info -> new TopicPartition(info.topic(), info.partition()))
                    .toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            DeadLetterLog.readOn(consumer, consumer.endOffsets(partitions), record -> {
                if (new String(record.key(), StandardCharsets.UTF_8).equals(key)) {
                    found.add(record);
                }
                return true;
            });
        }
        return found;
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static String header(ConsumerRecord<?, ?> record, String name) {
        return Replays.text(record.headers().lastHeader(name));
    }
}
