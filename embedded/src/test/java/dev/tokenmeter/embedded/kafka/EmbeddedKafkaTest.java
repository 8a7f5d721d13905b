package dev.tokenmeter.embedded.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

class EmbeddedKafkaTest {
    @TempDir
    Path dir;

    @Test
    void recordsSurviveARestart() throws Exception {
        try (EmbeddedKafka kafka = new EmbeddedKafka(dir, 0, 0, Map.of())) {
            createTopic(kafka.bootstrapServers(), "kept");
            produce(kafka.bootstrapServers(), "kept", 1_000);
        }
        try (EmbeddedKafka kafka = new EmbeddedKafka(dir, 0, 0, Map.of())) {
            assertThat(count(kafka.bootstrapServers(), "kept")).isEqualTo(1_000);
        }
    }

    @Test
    void acknowledgedRecordsSurviveTheDeathOfTheProcess() throws Exception {
        Process child = BrokerChild.start(dir);
        try {
            String bootstrap = BrokerChild.awaitReady(child);
            createTopic(bootstrap, "kept");
            produce(bootstrap, "kept", 5_000);
        } finally {
            child.destroyForcibly().waitFor();
        }
        try (EmbeddedKafka kafka = new EmbeddedKafka(dir, 0, 0, Map.of())) {
            assertThat(count(kafka.bootstrapServers(), "kept")).isEqualTo(5_000);
        }
    }

    @Test
    void startsServesAndStopsWithoutAWarning() throws Exception {
        ListAppender<ILoggingEvent> seen = new ListAppender<>();
        seen.start();
        Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        root.addAppender(seen);
        try (EmbeddedKafka kafka = new EmbeddedKafka(dir, 0, 0, Map.of())) {
            createTopic(kafka.bootstrapServers(), "quiet");
            produce(kafka.bootstrapServers(), "quiet", 10);
        } finally {
            root.detachAppender(seen);
        }
        assertThat(seen.list)
                .filteredOn(event -> event.getLevel().isGreaterOrEqual(Level.WARN))
                .extracting(event -> event.getLoggerName() + ": " + event.getFormattedMessage())
                .isEmpty();
    }

    @Test
    void aTopicThatNobodyCreatedDoesNotAppear() throws Exception {
        try (EmbeddedKafka kafka = new EmbeddedKafka(dir, 0, 0, Map.of());
                Admin admin = Admin.create(Map.of("bootstrap.servers", kafka.bootstrapServers()))) {
            assertThatThrownBy(() -> admin.describeTopics(List.of("typo"))
                            .allTopicNames()
                            .get())
                    .isInstanceOf(ExecutionException.class)
                    .hasCauseInstanceOf(UnknownTopicOrPartitionException.class);
        }
    }

    @Test
    void saysWhichPortIsTaken() throws Exception {
        try (ServerSocket other = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            int port = other.getLocalPort();
            assertThatThrownBy(() -> new EmbeddedKafka(dir, port, 0, Map.of()))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("Kafka port " + port)
                    .hasMessageContaining("in use");
        }
        assertThat(dir).isEmptyDirectory();
    }

    @Test
    void saysWhichDirectoryCannotBeUsed() throws Exception {
        Path file = Files.createFile(dir.resolve("a-file"));
        assertThatThrownBy(() -> new EmbeddedKafka(file.resolve("data"), 0, 0, Map.of()))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining(file.resolve("data").toString());
    }

    @Test
    void refusesADirectoryThatAnotherBrokerUses() throws Exception {
        try (EmbeddedKafka first = new EmbeddedKafka(dir, 0, 0, Map.of())) {
            assertThatThrownBy(() -> new EmbeddedKafka(dir, 0, 0, Map.of()))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining(dir.toString());
            createTopic(first.bootstrapServers(), "still-there");
        }
    }

    private static void createTopic(String bootstrap, String topic) throws Exception {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrap))) {
            admin.createTopics(List.of(new NewTopic(topic, Optional.of(1), Optional.empty())))
                    .all()
                    .get();
        }
    }

    private static void produce(String bootstrap, String topic, int records) {
        Map<String, Object> settings = Map.of("bootstrap.servers", bootstrap, "acks", "all");
        try (var producer = new KafkaProducer<>(settings, new StringSerializer(), new StringSerializer())) {
            for (int i = 0; i < records; i++) {
                producer.send(new ProducerRecord<>(topic, Integer.toString(i), "value " + i));
            }
            producer.flush();
        }
    }

    private static int count(String bootstrap, String topic) {
        Map<String, Object> settings = Map.of("bootstrap.servers", bootstrap, "auto.offset.reset", "earliest");
        try (var consumer = new KafkaConsumer<>(settings, new StringDeserializer(), new StringDeserializer())) {
            TopicPartition partition = new TopicPartition(topic, 0);
            consumer.assign(List.of(partition));
            long end = consumer.endOffsets(List.of(partition)).get(partition);
            int seen = 0;
            while (consumer.position(partition) < end) {
                seen += consumer.poll(Duration.ofMillis(200)).count();
            }
            return seen;
        }
    }
}
