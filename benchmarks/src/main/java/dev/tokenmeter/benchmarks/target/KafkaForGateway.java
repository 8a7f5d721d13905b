package dev.tokenmeter.benchmarks.target;

import dev.tokenmeter.embedded.kafka.EmbeddedKafka;
import dev.tokenmeter.embedded.registry.SchemaRegistry;
import dev.tokenmeter.schemas.ApiKey;
import dev.tokenmeter.schemas.Budget;
import dev.tokenmeter.schemas.Money;
import dev.tokenmeter.schemas.Topics;
import dev.tokenmeter.service.KafkaSettings;
import dev.tokenmeter.service.Settings;
import dev.tokenmeter.service.TopicAdmin;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Map;
import org.apache.avro.generic.IndexedRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;

/** A real broker and registry for the gateway under test, with a virtual key and a hard budget that is never reached. */
public final class KafkaForGateway {
    private static final String TENANT = "benchmark";

    private KafkaForGateway() {}

    /** @param args data folder, the virtual key's secret */
    public static void main(String[] args) throws Exception {
        EmbeddedKafka kafka = new EmbeddedKafka(Path.of(args[0]), 0, 0, Map.of());
        SchemaRegistry registry = new SchemaRegistry(kafka.bootstrapServers(), "127.0.0.1", 0);
        KafkaSettings settings = KafkaSettings.from(Settings.of(Map.of(
                "kafka.bootstrap.servers", kafka.bootstrapServers(),
                "kafka.schema.registry.url", registry.url())));
        TopicAdmin.ensureTopics(settings);
        try (KafkaProducer<String, IndexedRecord> producer = new KafkaProducer<>(settings.producer("benchmark"))) {
            ApiKey key = key(args[1]);
            Budget budget = budget();
            producer.send(new ProducerRecord<>(Topics.KEYS.topicName(), key.getApiKeyId(), key))
                    .get();
            producer.send(new ProducerRecord<>(Topics.BUDGETS.topicName(), budget.getBudgetId(), budget))
                    .get();
        }
        Ready.say(kafka.bootstrapServers(), registry.url());
    }

    private static ApiKey key(String secret) throws Exception {
        byte[] hash = MessageDigest.getInstance("SHA-256").digest(secret.getBytes(StandardCharsets.UTF_8));
        return ApiKey.newBuilder()
                .setApiKeyId("key_benchmark")
                .setKeyHash(HexFormat.of().formatHex(hash))
                .setTenant(TENANT)
                .setName("benchmark")
                .setTags(Map.of("team", "growth", "environment", "production"))
                .setEnabled(true)
                .setCreatedAt(Instant.now())
                .build();
    }

    private static Budget budget() {
        return Budget.newBuilder()
                .setBudgetId("bdg_benchmark")
                .setTenant(TENANT)
                .setName("benchmark")
                .setAmountUsd(Money.exact(new BigDecimal("1000000000")))
                .setHard(true)
                .setUpdatedAt(Instant.now())
                .build();
    }
}
