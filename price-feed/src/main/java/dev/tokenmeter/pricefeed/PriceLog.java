package dev.tokenmeter.pricefeed;

import dev.tokenmeter.pricing.Price;
import dev.tokenmeter.pricing.PriceRecords;
import dev.tokenmeter.schemas.Topics;
import dev.tokenmeter.service.ServiceContext;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;

/**
 * Writes prices to {@code llm.prices.v1}. A write returns once the feed uses what was written, so that whoever wrote reads
 * it back. Thread-safe.
 */
public final class PriceLog implements PriceWriter, AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final ServiceContext context;
    private final PriceFeed feed;
    private Producer<String, dev.tokenmeter.schemas.Price> producer;

    /**
     * Connects to nothing yet.
     *
     * @param feed in which to wait for what was written
     */
    public PriceLog(ServiceContext context, PriceFeed feed) {
        this.context = context;
        this.feed = feed;
    }

    /** Makes ready to write. */
    public synchronized void start() {
        producer = new KafkaProducer<>(context.kafka().producer("tokenmeter-prices"));
    }

    @Override
    public void write(List<Price> prices) throws IOException, InterruptedException {
        List<ProducerRecord<String, dev.tokenmeter.schemas.Price>> records = new ArrayList<>();
        prices.forEach(price -> records.add(record(price.id(), PriceRecords.toRecord(price))));
        send(records);
    }

    /** Takes a price back: a tombstone. Blocking, as {@link #write}. */
    public void remove(String id) throws IOException, InterruptedException {
        send(List.of(record(id, null)));
    }

    private static ProducerRecord<String, dev.tokenmeter.schemas.Price> record(
            String id, dev.tokenmeter.schemas.Price price) {
        return new ProducerRecord<>(Topics.PRICES.topicName(), id, price);
    }

    private void send(List<ProducerRecord<String, dev.tokenmeter.schemas.Price>> records)
            throws IOException, InterruptedException {
        try {
            List<Future<RecordMetadata>> sent = new ArrayList<>();
            records.forEach(record -> sent.add(producer.send(record)));
            RecordMetadata last = null;
            for (Future<RecordMetadata> one : sent) {
                last = one.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
            }
            if (last != null) {
                feed.awaitRead(last, PATIENCE);
            }
        } catch (ExecutionException | TimeoutException | KafkaException e) {
            throw new IOException("Kafka did not take all prices: " + e.getMessage(), e);
        }
    }

    @Override
    public synchronized void close() {
        if (producer != null) {
            producer.close(Duration.ofSeconds(5));
        }
    }
}
