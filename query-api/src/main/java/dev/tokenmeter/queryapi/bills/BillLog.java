package dev.tokenmeter.queryapi.bills;

import dev.tokenmeter.queryapi.topic.TopicWriter;
import dev.tokenmeter.schemas.ProviderBill;
import dev.tokenmeter.schemas.Topics;
import dev.tokenmeter.service.KafkaSettings;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Writes days of bills to {@code llm.provider-bills.v1}. Thread-safe; blocking. */
public final class BillLog implements AutoCloseable {
    private final TopicWriter<ProviderBill> topic;

    /** Connects to nothing yet. */
    public BillLog(KafkaSettings kafka) {
        topic = new TopicWriter<>(Topics.PROVIDER_BILLS, kafka, "tokenmeter-query-api-bills");
    }

    /** Makes ready to write. */
    public void start() {
        topic.start();
    }

    /**
     * Writes them.
     *
     * @throws dev.tokenmeter.queryapi.problem.Problem.Exception 503 if not all are known to be written; to import them again
     *     does no harm
     */
    void write(List<ProviderBill> bills) {
        topic.write(
                bills,
                BillLog::key,
                "Kafka did not take all days; import the export again, which replaces what is there.");
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
    public void close() {
        topic.close();
    }
}
