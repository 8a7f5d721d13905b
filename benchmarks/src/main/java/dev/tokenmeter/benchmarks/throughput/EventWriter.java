package dev.tokenmeter.benchmarks.throughput;

import dev.tokenmeter.schemas.Topics;
import dev.tokenmeter.schemas.UsageEvent;
import dev.tokenmeter.schemas.serde.RecordEncoder;
import dev.tokenmeter.service.KafkaSettings;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.Serializer;

/** Writes traffic to {@code llm.usage.v1} as the gateway does, and adds up what it cost. One thread. */
final class EventWriter implements AutoCloseable {
    static final String CLIENT_ID = "throughput-events";
    private static final int WIRE_HEAD = 5;

    private final Traffic traffic;
    private final Producer<byte[], byte[]> producer;
    private final RecordEncoder encoder = new RecordEncoder(UsageEvent.getClassSchema());
    private final byte[] head;
    private long written;
    private BigDecimal cost = BigDecimal.ZERO;

    /** Registers the schema. */
    EventWriter(Traffic traffic, KafkaSettings kafka) {
        this.traffic = traffic;
        var configs = kafka.producer(CLIENT_ID);
        configs.put("linger.ms", "20");
        configs.put("batch.size", Integer.toString(256 << 10));
        configs.put("compression.type", "lz4");
        configs.remove("key.serializer");
        configs.remove("value.serializer");
        producer = new KafkaProducer<>(configs, new ByteArraySerializer(), new ByteArraySerializer());
        try (Serializer<UsageEvent> serializer = kafka.valueSerializer()) {
            byte[] sample = serializer.serialize(Topics.USAGE.topicName(), new Traffic(Instant.EPOCH, 1).next());
            head = Arrays.copyOf(sample, WIRE_HEAD);
        }
    }

    /** Writes so many more; they are in Kafka when it returns. */
    void write(long events) {
        long units = 0;
        for (long i = 0; i < events; i++) {
            UsageEvent event = traffic.next();
            units += traffic.lastCost();
            producer.send(new ProducerRecord<>(
                    Topics.USAGE.topicName(),
                    event.getApiKeyId().getBytes(StandardCharsets.UTF_8),
                    encoder.encode(event, head)));
        }
        producer.flush();
        written += events;
        cost = cost.add(Traffic.usd(units));
    }

    long written() {
        return written;
    }

    /** USD, of all that is written. */
    BigDecimal cost() {
        return cost;
    }

    @Override
    public void close() {
        producer.close();
    }
}
