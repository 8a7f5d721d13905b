package dev.tokenmeter.storage;

import dev.tokenmeter.embedded.kafka.EmbeddedKafka;
import dev.tokenmeter.embedded.registry.SchemaRegistry;
import dev.tokenmeter.schemas.Topics;
import dev.tokenmeter.service.KafkaSettings;
import dev.tokenmeter.service.Settings;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/** A real broker and registry for tests. */
public final class KafkaForTests implements AutoCloseable {
    private final EmbeddedKafka broker;
    private final SchemaRegistry registry;

    public KafkaForTests() throws IOException {
        broker = new EmbeddedKafka(Files.createTempDirectory("kafka"), 0, 0, Map.of());
        registry = new SchemaRegistry(broker.bootstrapServers(), "127.0.0.1", 0);
    }

    /** What a service needs to find them. */
    public Map<String, String> settings() {
        return Map.of(
                "kafka.bootstrap.servers", broker.bootstrapServers(),
                "kafka.schema.registry.url", registry.url(),
                "kafka.topic-partitions", "2");
    }

    public KafkaSettings kafka() {
        return KafkaSettings.from(Settings.of(settings()));
    }

    @SafeVarargs
    public final <R extends SpecificRecord> void send(Topics topic, R... records) throws Exception {
        try (KafkaProducer<String, R> producer = new KafkaProducer<>(kafka().producer("test"))) {
            for (R record : records) {
                producer.send(new ProducerRecord<>(topic.topicName(), "key", record));
            }
        }
    }

    public void sendBytes(Topics topic, byte[] value) throws Exception {
        try (var producer =
                new KafkaProducer<>(kafka().producer("test"), new StringSerializer(), new ByteArraySerializer())) {
            producer.send(new ProducerRecord<>(topic.topicName(), "key", value)).get();
        }
    }

    /** All that a topic holds now. */
    public List<ConsumerRecord<String, byte[]>> read(Topics topic) {
        List<ConsumerRecord<String, byte[]>> records = new ArrayList<>();
        try (var consumer =
                new KafkaConsumer<>(kafka().consumer(null), new StringDeserializer(), new ByteArrayDeserializer())) {
            var partitions = consumer.partitionsFor(topic.topicName()).stream()
                    .map(info -> new TopicPartition(info.topic(), info.partition()))
                    .toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            var ends = consumer.endOffsets(partitions);
            while (partitions.stream().anyMatch(one -> consumer.position(one) < ends.get(one))) {
                consumer.poll(Duration.ofMillis(100)).forEach(records::add);
            }
        }
        return records;
    }

    @Override
    public void close() {
        registry.close();
        broker.close();
    }
}
