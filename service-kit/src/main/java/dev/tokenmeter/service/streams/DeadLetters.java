package dev.tokenmeter.service.streams;

import dev.tokenmeter.schemas.Topics;
import dev.tokenmeter.service.deadletter.DeadLetter;
import dev.tokenmeter.service.deadletter.DeadLetterWriter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Map;
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
 * Takes the refused records out of a stream, into {@code llm.dead-letter.v1}, as a {@link DeadLetter} is
 * written. It goes out in the transaction that commits the source's offset, so each is written exactly once.
 */
public final class DeadLetters {
    private static final Logger LOG = LoggerFactory.getLogger(DeadLetters.class);

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
            DeadLetter letter = new DeadLetter(source.topic(), source.partition(), source.offset(), record.key());
            LOG.warn(
                    "dead letter {}: {} ({})",
                    letter.id(),
                    rejected.reason(),
                    DeadLetter.shortened(rejected.message()));
            DeadLetterWriter.count(meters, service, source.topic(), rejected.reason());
            context()
                    .forward(new Record<>(
                            letter.id(),
                            rejected.raw(),
                            // The topic's retention counts from now, however old the event is.
                            context().currentSystemTimeMs(),
                            letter.addTo(
                                    new RecordHeaders(record.headers()),
                                    service,
                                    rejected.reason(),
                                    rejected.message())));
        }
    }
}
