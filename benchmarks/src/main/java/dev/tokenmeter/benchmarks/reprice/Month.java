package dev.tokenmeter.benchmarks.reprice;

import dev.tokenmeter.pricing.PriceBook;
import dev.tokenmeter.schemas.Money;
import dev.tokenmeter.schemas.Outcome;
import dev.tokenmeter.schemas.Topics;
import dev.tokenmeter.schemas.UsageEvent;
import dev.tokenmeter.schemas.UsageEvents;
import dev.tokenmeter.schemas.UsageSource;
import dev.tokenmeter.service.KafkaSettings;
import io.vertx.core.json.JsonObject;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;

/** Thirty days of calls of twenty tenants, of models that are priced, at twice their price. */
final class Month {
    private static final int DAYS = 30;
    private static final int TENANTS = 20;
    private static final BigDecimal TWICE = BigDecimal.valueOf(2);
    private static final List<String> OPENAI = List.of("gpt-4o", "gpt-4o-mini", "gpt-4.1", "gpt-4.1-mini", "o4-mini");
    private static final List<String> FEATURES = List.of("chatbot", "search", "summaries", "agents", "mail");

    private final Instant from;
    private final Instant until;
    private final long events;
    private final KafkaSettings kafka;
    private final PriceBook prices = PriceBook.shipped();
    private final Random random = new Random(7);

    Month(LocalDate first, long events, KafkaSettings kafka) {
        this.from = first.atStartOfDay(ZoneOffset.UTC).toInstant();
        this.until = first.plusDays(DAYS).atStartOfDay(ZoneOffset.UTC).toInstant();
        this.events = events;
        this.kafka = kafka;
    }

    long events() {
        return events;
    }

    String query() {
        return "from=" + from + "&to=" + until;
    }

    JsonObject repricing() {
        return new JsonObject()
                .put("from", from.toString())
                .put("until", until.toString())
                .put("reason", "benchmark");
    }

    /** Writes them in the order of time; returns what they cost all together. */
    BigDecimal write() {
        BigDecimal sum = Money.ZERO;
        Map<String, Object> configs = kafka.producer("tokenmeter-benchmark");
        configs.put("linger.ms", "20");
        try (KafkaProducer<String, UsageEvent> producer = new KafkaProducer<>(configs)) {
            long millis = until.toEpochMilli() - from.toEpochMilli();
            for (long i = 0; i < events; i++) {
                UsageEvent event = event(from.plusMillis(millis * i / events));
                sum = sum.add(event.getCostUsd());
                producer.send(new ProducerRecord<>(Topics.USAGE.topicName(), event.getApiKeyId(), event));
            }
            producer.flush();
        }
        return sum;
    }

    private UsageEvent event(Instant at) {
        int tenant = random.nextInt(TENANTS);
        UsageEvent priced = prices.price(UsageEvent.newBuilder()
                .setEventId(new UUID(random.nextLong(), random.nextLong()))
                .setOccurredAt(at)
                .setGatewayId("benchmark")
                .setTenant("tenant-" + tenant)
                .setApiKeyId("key-" + tenant + "-" + random.nextInt(5))
                .setTags(Map.of("team", "team-" + tenant % 5, "feature", pick(FEATURES)))
                .setProvider("openai")
                .setModel(pick(OPENAI))
                .setOperation("chat")
                .setOutcome(Outcome.completed)
                .setHttpStatus(200)
                .setUsageSource(UsageSource.provider)
                .setUncachedInputTokens(100 + random.nextInt(4_000))
                .setCacheReadInputTokens(random.nextInt(2_000))
                .setTextOutputTokens(10 + random.nextInt(1_000))
                .setLatencyMs(300 + random.nextInt(3_000))
                .build());
        Map<String, BigDecimal> parts = new HashMap<>();
        priced.getCostParts().forEach((part, usd) -> parts.put(part, usd.multiply(TWICE)));
        return UsageEvents.withCost(
                priced, priced.getCostUsd().multiply(TWICE), parts, "benchmark:wrong", priced.getCostCurrency(), null);
    }

    private String pick(List<String> names) {
        return names.get(random.nextInt(names.size()));
    }
}
