package dev.tokenmeter.pricefeed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.tokenmeter.embedded.kafka.EmbeddedKafka;
import dev.tokenmeter.embedded.registry.SchemaRegistry;
import dev.tokenmeter.schemas.Money;
import dev.tokenmeter.schemas.Price;
import dev.tokenmeter.schemas.Topics;
import dev.tokenmeter.schemas.UsageEvent;
import dev.tokenmeter.schemas.UsageSource;
import dev.tokenmeter.service.Health;
import dev.tokenmeter.service.KafkaSettings;
import dev.tokenmeter.service.ServiceContext;
import dev.tokenmeter.service.SettingException;
import dev.tokenmeter.service.Settings;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** On a real broker and registry. */
class PriceFeedTest {
    private static final String MODEL = "gpt-4o";

    @TempDir
    Path folder;

    @Test
    void aPriceInTheTopicIsUsedByTheNextCallAndTakenBackWithItsTombstone() throws Exception {
        try (EmbeddedKafka broker = new EmbeddedKafka(folder, 0, 0, Map.of());
                SchemaRegistry registry = new SchemaRegistry(broker.bootstrapServers(), "127.0.0.1", 0)) {
            Settings settings = Settings.of(Map.of(
                    "kafka.bootstrap.servers", broker.bootstrapServers(), "kafka.schema.registry.url", registry.url()));
            KafkaSettings kafka = KafkaSettings.from(settings);
            try (PriceFeed feed = new PriceFeed(
                            settings, new ServiceContext(kafka, new SimpleMeterRegistry(), new Health()), "t");
                    KafkaProducer<String, Price> producer = new KafkaProducer<>(kafka.producer("test"))) {
                BigDecimal shipped = cost(feed, "acme");
                assertThat(feed.readiness().up()).isFalse();
                feed.start();
                await().atMost(Duration.ofSeconds(60))
                        .until(() -> feed.readiness().up());

                producer.send(new ProducerRecord<>(Topics.PRICES.topicName(), "acme-deal", price("acme-deal", "acme")));
                await().atMost(Duration.ofSeconds(60))
                        .untilAsserted(() -> assertThat(cost(feed, "acme")).isEqualByComparingTo("0.000007"));
                assertThat(cost(feed, "other")).isEqualByComparingTo(shipped);
                assertThat(feed.records()).extracting(Price::getPriceId).containsExactly("acme-deal");

                producer.send(new ProducerRecord<>(Topics.PRICES.topicName(), "acme-deal", null));
                await().atMost(Duration.ofSeconds(60))
                        .untilAsserted(() -> assertThat(cost(feed, "acme")).isEqualByComparingTo(shipped));
            }
        }
    }

    @Test
    void aPriceFileThatCannotBeReadStopsTheStartByName() {
        Settings settings = Settings.of(Map.of("pricing.file", "/no/such/file.json"));
        assertThatThrownBy(() -> PriceFileSetting.book(settings))
                .isInstanceOf(SettingException.class)
                .hasMessageContaining("pricing.file")
                .hasMessageContaining("/no/such/file.json");
    }

    private static BigDecimal cost(PriceFeed feed, String tenant) {
        return feed.pricer()
                .price(UsageEvent.newBuilder()
                        .setEventId(UUID.randomUUID())
                        .setOccurredAt(Instant.parse("2026-11-23T12:00:00Z"))
                        .setGatewayId("g")
                        .setTenant(tenant)
                        .setApiKeyId("k")
                        .setProvider("openai")
                        .setModel(MODEL)
                        .setOperation("chat")
                        .setUsageSource(UsageSource.provider)
                        .setUncachedInputTokens(1)
                        .build())
                .getCostUsd();
    }

    private static Price price(String id, String tenant) {
        return Price.newBuilder()
                .setPriceId(id)
                .setTenant(tenant)
                .setProvider("openai")
                .setModels(List.of(MODEL))
                .setPerMillionTokens(Map.of("uncached_input_tokens", Money.exact(new BigDecimal("7"))))
                .setSource("api")
                .setRecordedAt(Instant.parse("2026-11-01T00:00:00Z"))
                .setRecordedBy("test")
                .build();
    }
}
