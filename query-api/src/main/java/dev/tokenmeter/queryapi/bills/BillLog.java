package dev.tokenmeter.queryapi.bills;

import dev.tokenmeter.queryapi.problem.Problem;
import dev.tokenmeter.schemas.ProviderBill;
import dev.tokenmeter.schemas.Topics;
import dev.tokenmeter.service.ServiceContext;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Writes days of bills to {@code llm.provider-bills.v1}. Thread-safe; blocking. */
public final class BillLog implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(BillLog.class);
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final ServiceContext context;
    private Producer<String, ProviderBill> producer;

    /** Connects to nothing yet. */
    public BillLog(ServiceContext context) {
        this.context = context;
    }

    /** Makes ready to write. */
    public synchronized void start() {
        producer = new KafkaProducer<>(context.kafka().producer("tokenmeter-query-api-bills"));
    }

    /** @throws Problem.Exception 503 if not all are known to be written; to import them again does no harm */
    void write(List<ProviderBill> bills) {
        try {
            List<Future<RecordMetadata>> sent = new ArrayList<>();
            for (ProviderBill bill : bills) {
                sent.add(producer.send(new ProducerRecord<>(Topics.PROVIDER_BILLS.topicName(), key(bill), bill)));
            }
            for (Future<RecordMetadata> one : sent) {
                one.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw Problem.unavailable("Stopping.");
        } catch (ExecutionException | TimeoutException | KafkaException e) {
            LOG.warn("not all of {} days of bills could be written", bills.size(), e);
            throw Problem.unavailable(
                    "Kafka did not take all days; import the export again, which replaces what is there.");
        }
    }

    /** The same for the same day of the same export, whatever stands in it. */
    static String key(ProviderBill bill) {
        return Stream.of(
                        bill.getTenant(),
                        bill.getProvider(),
                        bill.getReport(),
                        bill.getAccount(),
                        bill.getWindowStart().toString())
                .map(part -> URLEncoder.encode(part, StandardCharsets.UTF_8))
                .collect(Collectors.joining("|"));
    }

    @Override
    public synchronized void close() {
        if (producer != null) {
            producer.close(Duration.ofSeconds(5));
        }
    }
}
