package dev.tokenmeter.service.streams;

import dev.tokenmeter.schemas.Topics;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.kstream.Branched;
import org.apache.kafka.streams.kstream.KStream;
import org.apache.kafka.streams.kstream.Named;
import org.apache.kafka.streams.kstream.Produced;
import org.apache.kafka.streams.processor.api.ContextualProcessor;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.processor.api.RecordMetadata;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes the refused records out of a stream, into {@code llm.dead-letter.v1}: the value byte for byte, the key
 * {@code topic|partition|offset}, and headers that say why and from where, so that the record can be sent again. It goes
 * out in the transaction that commits the source's offset, so each is written exactly once.
 */
public final class DeadLetters {
    /** One word: {@code poison}, {@code invalid}, {@code late}, ... */
    public static final String REASON = "dead-letter.reason";

    /** What is wrong, for an operator. */
    public static final String MESSAGE = "dead-letter.message";

    /** The service that refused the record. */
    public static final String SERVICE = "dead-letter.service";

    public static final String SOURCE_TOPIC = "dead-letter.source.topic";
    public static final String SOURCE_PARTITION = "dead-letter.source.partition";
    public static final String SOURCE_OFFSET = "dead-letter.source.offset";
    /** The record's key, byte for byte; absent where it had none. */
    public static final String SOURCE_KEY = "dead-letter.source.key";

    private static final Logger LOG = LoggerFactory.getLogger(DeadLetters.class);
    private static final int MAX_MESSAGE_CHARS = 500;

    private final String service;
    private final MeterRegistry meters;

    /** Counts as {@code tokenmeter.dead.letters}, by service, source topic and reason. */
    public DeadLetters(String service, MeterRegistry meters) {
        this.service = service;
        this.meters = meters;
    }

    /**
     * The usable records of a stream, null values (tombstones) included; the others go to the dead-letter topic.
     *
     * @param name prefix of the names of the processors
     */
    public <T> KStream<byte[], T> divert(KStream<byte[], Decoded<T>> records, String name) {
        Map<String, KStream<byte[], Decoded<T>>> branches = records.split(Named.as(name + "-"))
                .branch((key, decoded) -> decoded instanceof Decoded.Rejected, Branched.as("rejected"))
                .defaultBranch(Branched.as("usable"));
        branches.get(name + "-rejected")
                .process(Letter<T>::new, Named.as(name + "-dead-letter"))
                .to(
                        Topics.DEAD_LETTER.topicName(),
                        Produced.with(Serdes.String(), Serdes.ByteArray()).withName(name + "-dead-letter-sink"));
        return branches.get(name + "-usable")
                .mapValues(decoded -> ((Decoded.Usable<T>) decoded).value(), Named.as(name + "-value"));
    }

    private final class Letter<T> extends ContextualProcessor<byte[], Decoded<T>, String, byte[]> {
        @Override
        public void process(Record<byte[], Decoded<T>> record) {
            Decoded.Rejected<T> rejected = (Decoded.Rejected<T>) record.value();
            RecordMetadata source = context().recordMetadata().orElseThrow();
            String id = source.topic() + "|" + source.partition() + "|" + source.offset();
            LOG.warn("dead letter {}: {} ({})", id, rejected.reason(), shortened(rejected.message()));
            count(source.topic(), rejected.reason());
            context()
                    .forward(new Record<>(
                            id,
                            rejected.raw(),
                            // The topic's retention counts from now, however old the event is.
                            context().currentSystemTimeMs(),
                            headers(record, rejected, source)));
        }

        private Headers headers(
                Record<byte[], Decoded<T>> record, Decoded.Rejected<T> rejected, RecordMetadata source) {
            Headers headers = new RecordHeaders(record.headers());
            add(headers, REASON, rejected.reason());
            add(headers, MESSAGE, shortened(rejected.message()));
            add(headers, SERVICE, service);
            add(headers, SOURCE_TOPIC, source.topic());
            add(headers, SOURCE_PARTITION, Integer.toString(source.partition()));
            add(headers, SOURCE_OFFSET, Long.toString(source.offset()));
            if (record.key() != null) {
                headers.add(SOURCE_KEY, record.key());
            }
            return headers;
        }
    }

    private void count(String topic, String reason) {
        Counter.builder("tokenmeter.dead.letters")
                .description("Records refused and written to the dead-letter topic")
                .tag("service", service)
                .tag("topic", topic)
                .tag("reason", reason)
                .register(meters)
                .increment();
    }

    private static void add(Headers headers, String name, String value) {
        headers.add(name, value.getBytes(StandardCharsets.UTF_8));
    }

    private static String shortened(String text) {
        return text.length() <= MAX_MESSAGE_CHARS ? text : text.substring(0, MAX_MESSAGE_CHARS);
    }
}
