package dev.tokenmeter.service.deadletter;

import dev.tokenmeter.schemas.Topics;
import dev.tokenmeter.service.KafkaSettings;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Settles letters: sends their records again, or puts them away. A record and the word that it was sent are one transaction
 * of Kafka, so whatever happens in between, each is sent exactly once; and there is one desk at a time, as a new one fences
 * off the one before. Several letters about one record (two services refused it) are one record. One thread; blocking.
 */
public final class DeadLetterDesk implements AutoCloseable {
    private static final String TRANSACTIONAL_ID = "tokenmeter-dead-letters";
    private static final int LETTERS_A_TRANSACTION = 500;
    /** Readers of the topics wait for a transaction that died with its desk, for so long at most. */
    private static final int TRANSACTION_MS = 20_000;

    private final DeadLetterLog log;
    private final Producer<byte[], byte[]> producer;
    private final Superseded superseded;

    /**
     * What was done with a letter.
     *
     * @param resolution null where it stays open
     * @param note why; empty where that needs no word
     */
    public record Outcome(Resolution resolution, String note) {}

    /** Connects; what an earlier desk had not finished is void from now on. */
    public DeadLetterDesk(KafkaSettings kafka) {
        Map<String, Object> configs = kafka.producer(TRANSACTIONAL_ID);
        configs.put(ProducerConfig.TRANSACTIONAL_ID_CONFIG, TRANSACTIONAL_ID);
        configs.put(ProducerConfig.TRANSACTION_TIMEOUT_CONFIG, TRANSACTION_MS);
        log = new DeadLetterLog(kafka);
        superseded = new Superseded(kafka);
        producer = new KafkaProducer<>(configs, new ByteArraySerializer(), new ByteArraySerializer());
        try {
            producer.initTransactions();
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    /**
     * Sends the records of open letters again, each into the partition from which it came.
     *
     * @param accept reasons for which they shall not be refused again
     * @param maxAttempts a record that was sent again so often, and refused each time, stays where it is
     * @param told of each letter, once its transaction is committed
     * @return how many of each
     */
    public Map<Resolution, Integer> replay(
            LetterFilter filter, Set<String> accept, int maxAttempts, BiConsumer<Letter, Outcome> told) {
        return settle(filter, accept, told, letter -> {
            if (letter.attempts() >= maxAttempts) {
                return new Outcome(null, "was sent again " + letter.attempts() + " times already (--max-attempts)");
            }
            if (letter.source().partition() >= partitions(letter.source().topic())) {
                return new Outcome(
                        null, "its topic has no partition " + letter.source().partition());
            }
            return superseded.isSuperseded(letter.source())
                    ? new Outcome(Resolution.SUPERSEDED, "a newer record has its key")
                    : new Outcome(Resolution.REPLAYED, "");
        });
    }

    /**
     * Puts open letters away without sending anything.
     *
     * @param resolution why
     */
    public Map<Resolution, Integer> putAway(
            LetterFilter filter, Resolution resolution, BiConsumer<Letter, Outcome> told) {
        return settle(filter, Set.of(), told, letter -> new Outcome(resolution, ""));
    }

    private record Settled(Letter letter, Outcome outcome) {}

    private Map<Resolution, Integer> settle(
            LetterFilter filter,
            Set<String> accept,
            BiConsumer<Letter, Outcome> told,
            Function<Letter, Outcome> judge) {
        Map<Resolution, Integer> counts = new EnumMap<>(Resolution.class);
        Resolutions resolutions = new Resolutions();
        List<Settled> open = new ArrayList<>();
        Runnable commit = () -> {
            commit(open, accept);
            open.forEach(settled -> {
                told.accept(settled.letter, settled.outcome);
                if (settled.outcome.resolution != null) {
                    counts.merge(settled.outcome.resolution, 1, Integer::sum);
                }
            });
            open.clear();
        };
        log.forEach(filter, resolutions, letter -> {
            if (resolutions.of(letter.source()) != null) {
                return;
            }
            // Of several letters about one record the first counts, in this run as in any.
            resolutions.add(letter.source(), Resolution.REPLAYED);
            open.add(new Settled(letter, judge.apply(letter)));
            if (open.size() == LETTERS_A_TRANSACTION) {
                commit.run();
            }
        });
        commit.run();
        return counts;
    }

    private void commit(List<Settled> all, Set<String> accept) {
        if (all.stream().allMatch(settled -> settled.outcome.resolution == null)) {
            return;
        }
        producer.beginTransaction();
        try {
            for (Settled settled : all) {
                if (settled.outcome.resolution == Resolution.REPLAYED) {
                    producer.send(again(settled.letter, accept));
                }
                if (settled.outcome.resolution != null) {
                    producer.send(word(settled.letter.source(), settled.outcome.resolution));
                }
            }
            producer.commitTransaction();
        } catch (KafkaException e) {
            abort();
            throw e;
        }
    }

    private static ProducerRecord<byte[], byte[]> again(Letter letter, Set<String> accept) {
        DeadLetter source = letter.source();
        return new ProducerRecord<>(
                source.topic(), source.partition(), source.key(), letter.value(), Replays.headers(letter, accept));
    }

    private static ProducerRecord<byte[], byte[]> word(DeadLetter source, Resolution resolution) {
        ProducerRecord<byte[], byte[]> word =
                new ProducerRecord<>(Topics.DEAD_LETTER.topicName(), Replays.bytes(source.id()), null);
        word.headers().add(Resolution.HEADER, Replays.bytes(resolution.word()));
        return word;
    }

    private void abort() {
        try {
            producer.abortTransaction();
        } catch (KafkaException fencedOff) {
            // The next desk makes it void; the failure that brought us here is the one to tell.
        }
    }

    private int partitions(String topic) {
        return producer.partitionsFor(topic).size();
    }

    @Override
    public void close() {
        superseded.close();
        producer.close();
    }
}
