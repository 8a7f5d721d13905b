package dev.tokenmeter.aggregator.rebuild;

import dev.tokenmeter.schemas.Topics;
import dev.tokenmeter.schemas.UsageRollup;
import dev.tokenmeter.service.KafkaSettings;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.Serializer;

/**
 * A rebuild's side of the topics: it cuts the log, waits until the aggregator has counted what stands before the cut, and
 * tells it what rollups are to be. One thread; blocking.
 */
public final class RebuildLog implements AutoCloseable {
    private static final Duration POLL = Duration.ofMillis(100);
    /** Among so many last offsets of a partition there is a record, and not only the ends of transactions. */
    private static final long TAIL = 50;

    private final String applicationId;
    private final Duration patience;
    private final Admin admin;
    private final KafkaConsumer<byte[], byte[]> consumer;
    private final Producer<byte[], byte[]> producer;
    private final Serializer<UsageRollup> values;
    private final AtomicReference<Exception> failure = new AtomicReference<>();

    /**
     * @param applicationId the aggregator's
     * @param patience how long a service may take to come by
     */
    public RebuildLog(KafkaSettings kafka, String applicationId, Duration patience) {
        this.applicationId = applicationId;
        this.patience = patience;
        admin = Admin.create(kafka.admin());
        Map<String, Object> configs = kafka.consumer(null);
        configs.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, "false");
        consumer = new KafkaConsumer<>(configs, new ByteArrayDeserializer(), new ByteArrayDeserializer());
        producer = new KafkaProducer<>(
                kafka.producer("tokenmeter-rebuild"), new ByteArraySerializer(), new ByteArraySerializer());
        values = kafka.valueSerializer();
    }

    /** Writes the cut into each partition of the usage topic. */
    public Cut cut(RebuildScope scope) {
        return new Cut(scope, mark(RebuildScope.CUT, scope));
    }

    /** Where the usage topic ends now, without writing anything: for who only looks. */
    public Cut end(RebuildScope scope) {
        Map<Integer, Long> offsets = new HashMap<>();
        List<TopicPartition> partitions = consumer.partitionsFor(Topics.USAGE.topicName()).stream()
                .map(info -> new TopicPartition(info.topic(), info.partition()))
                .toList();
        consumer.endOffsets(partitions).forEach((partition, end) -> offsets.put(partition.partition(), end));
        return new Cut(scope, offsets);
    }

    /** Says that nothing is replaced by the cut any more. */
    public void close(Cut cut) {
        mark(RebuildScope.END, cut.scope());
    }

    private Map<Integer, Long> mark(String header, RebuildScope scope) {
        String topic = Topics.USAGE.topicName();
        Map<Integer, Future<RecordMetadata>> sent = new TreeMap<>();
        consumer.partitionsFor(topic).forEach(info -> {
            ProducerRecord<byte[], byte[]> mark = new ProducerRecord<>(topic, info.partition(), null, null);
            mark.headers().add(header, scope.toBytes());
            sent.put(info.partition(), producer.send(mark));
        });
        Map<Integer, Long> offsets = new HashMap<>();
        sent.forEach((partition, written) -> offsets.put(partition, get(written).offset()));
        return offsets;
    }

    /** Returns when the aggregator has counted all that stands before the cut. */
    public void awaitCounted(Cut cut) throws InterruptedException {
        awaitRead(applicationId, ends(cut));
        awaitAllRead(internal("counted-by-tenant"));
    }

    /** Returns when a consumer group has read up to the cut, and committed it. */
    public void awaitRead(String group, Cut cut) throws InterruptedException {
        awaitRead(group, ends(cut));
    }

    private static Map<TopicPartition, Long> ends(Cut cut) {
        Map<TopicPartition, Long> ends = new HashMap<>();
        cut.offsets()
                .forEach((partition, offset) ->
                        ends.put(new TopicPartition(Topics.USAGE.topicName(), partition), offset + 1));
        return ends;
    }

    /** Sends a replacement; a full buffer slows the caller down. */
    public void replace(Cut cut, String key, UsageRollup rollup) {
        check();
        String topic = Topics.ROLLUP_REPLACEMENTS.topicName();
        ProducerRecord<byte[], byte[]> record = new ProducerRecord<>(
                topic, key.getBytes(java.nio.charset.StandardCharsets.UTF_8), values.serialize(topic, rollup));
        Headers headers = record.headers();
        headers.add(RebuildScope.OF, cut.scope().toBytes());
        producer.send(record, (written, failed) -> {
            if (failed != null) {
                failure.compareAndSet(null, failed);
            }
        });
    }

    /** Returns when the aggregator has applied all replacements. */
    public void awaitReplaced() throws InterruptedException {
        producer.flush();
        check();
        awaitAllRead(Topics.ROLLUP_REPLACEMENTS.topicName());
        awaitAllRead(internal("replacements-by-tenant"));
    }

    private String internal(String name) {
        return applicationId + "-" + name + "-repartition";
    }

    private void check() {
        if (failure.get() != null) {
            throw new KafkaException("Kafka did not take a replacement; run it again", failure.get());
        }
    }

    private void awaitAllRead(String topic) throws InterruptedException {
        List<TopicPartition> partitions = consumer.partitionsFor(topic).stream()
                .map(info -> new TopicPartition(topic, info.partition()))
                .toList();
        if (partitions.isEmpty()) {
            throw new IllegalStateException(
                    "there is no topic " + topic + "; does the aggregator run, and with this application.id?");
        }
        awaitRead(applicationId, lastRecords(partitions));
    }

    /** Where each partition's last record ends, which is before the end of the transaction that wrote it. */
    private Map<TopicPartition, Long> lastRecords(List<TopicPartition> partitions) {
        Map<TopicPartition, Long> begins = consumer.beginningOffsets(partitions);
        Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
        Map<TopicPartition, Long> last = new HashMap<>();
        consumer.assign(partitions);
        ends.forEach((partition, end) -> consumer.seek(partition, Math.max(begins.get(partition), end - TAIL)));
        long deadline = System.nanoTime() + patience.toNanos();
        while (ends.entrySet().stream().anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
            for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
                TopicPartition partition = new TopicPartition(record.topic(), record.partition());
                if (record.offset() < ends.get(partition)) {
                    last.merge(partition, record.offset() + 1, Math::max);
                }
            }
            if (System.nanoTime() > deadline) {
                throw new IllegalStateException("Kafka does not give the last records of " + partitions);
            }
        }
        return last;
    }

    private void awaitRead(String group, Map<TopicPartition, Long> ends) throws InterruptedException {
        long deadline = System.nanoTime() + patience.toNanos();
        while (true) {
            Map<TopicPartition, OffsetAndMetadata> read =
                    get(admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata());
            boolean all = ends.entrySet().stream().allMatch(end -> {
                OffsetAndMetadata at = read.get(end.getKey());
                return at != null && at.offset() >= end.getValue();
            });
            if (all) {
                return;
            }
            if (System.nanoTime() > deadline) {
                throw new IllegalStateException("the consumer group " + group + " has not come to " + ends + " within "
                        + patience + "; does that service run, and with these settings? Nothing is lost: run it again");
            }
            Thread.sleep(POLL.toMillis());
        }
    }

    private static <T> T get(Future<T> future) {
        try {
            return future.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new KafkaException("interrupted", e);
        } catch (ExecutionException e) {
            throw new KafkaException(e.getCause().getMessage(), e.getCause());
        }
    }

    @Override
    public void close() {
        producer.close();
        consumer.close();
        admin.close();
    }
}
