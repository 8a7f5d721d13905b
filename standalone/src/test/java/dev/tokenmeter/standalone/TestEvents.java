package dev.tokenmeter.standalone;

import dev.tokenmeter.schemas.Outcome;
import dev.tokenmeter.schemas.UsageEvent;
import dev.tokenmeter.schemas.UsageSource;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;

final class TestEvents {
    private TestEvents() {}

    /** An event with a cost of twelve digits after the point. */
    static UsageEvent event(String tenant, int key, Instant at, Random random) {
        BigDecimal input = BigDecimal.valueOf(random.nextLong(1_000_000_000_000L), 12);
        BigDecimal output = BigDecimal.valueOf(random.nextLong(1_000_000_000_000L), 12);
        return base(tenant, at)
                .setApiKeyId(tenant + "-key-" + key)
                .setTags(Map.of("team", "team-" + key % 3, "feature", "feature-" + key % 2))
                .setUncachedInputTokens(random.nextInt(10_000))
                .setTextOutputTokens(random.nextInt(1_000))
                .setCostUsd(input.add(output))
                .setCostParts(Map.of("uncached_input_tokens", input, "text_output_tokens", output))
                .build();
    }

    static UsageEvent costing(String tenant, Instant at, BigDecimal usd) {
        BigDecimal cost = usd.setScale(12);
        return base(tenant, at)
                .setApiKeyId(tenant + "-key")
                .setUncachedInputTokens(1_000)
                .setCostUsd(cost)
                .setCostParts(Map.of("uncached_input_tokens", cost))
                .build();
    }

    /** A call of a model that cost so much, some of its input read from the cache. */
    static UsageEvent call(String tenant, Instant at, String model, int input, int cached, int output, String usd) {
        BigDecimal cost = new BigDecimal(usd).setScale(12);
        return base(tenant, at)
                .setApiKeyId(tenant + "-key")
                .setModel(model)
                .setUncachedInputTokens(input - cached)
                .setCacheReadInputTokens(cached)
                .setTextOutputTokens(output)
                .setCostUsd(cost)
                .setCostParts(Map.of("text_output_tokens", cost))
                .build();
    }

    static BigDecimal cost(List<UsageEvent> events) {
        return events.stream().map(UsageEvent::getCostUsd).reduce(BigDecimal.ZERO, BigDecimal::add);
    }

    private static UsageEvent.Builder base(String tenant, Instant at) {
        return UsageEvent.newBuilder()
                .setEventId(UUID.randomUUID())
                .setOccurredAt(at)
                .setGatewayId("test")
                .setTenant(tenant)
                .setProvider("openai")
                .setModel("gpt-4o")
                .setOperation("chat")
                .setOutcome(Outcome.completed)
                .setHttpStatus(200)
                .setUsageSource(UsageSource.provider)
                .setPriceId("test");
    }
}
