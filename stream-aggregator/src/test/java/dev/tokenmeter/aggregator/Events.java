package dev.tokenmeter.aggregator;

import dev.tokenmeter.schemas.Money;
import dev.tokenmeter.schemas.Outcome;
import dev.tokenmeter.schemas.UsageEvent;
import dev.tokenmeter.schemas.UsageSource;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;

/** Usage events for tests. */
final class Events {
    private Events() {}

    static UsageEvent.Builder event(String tenant, Instant occurredAt, String costUsd) {
        BigDecimal cost = Money.exact(new BigDecimal(costUsd));
        return UsageEvent.newBuilder()
                .setEventId(UUID.randomUUID())
                .setOccurredAt(occurredAt)
                .setGatewayId("gateway-1")
                .setTenant(tenant)
                .setApiKeyId("key_" + tenant)
                .setProvider("openai")
                .setModel("gpt-5")
                .setOperation("chat")
                .setOutcome(Outcome.completed)
                .setUsageSource(UsageSource.provider)
                .setUncachedInputTokens(10)
                .setTextOutputTokens(5)
                .setCostUsd(cost)
                .setCostParts(Map.of("text_output_tokens", cost));
    }

    static List<UsageEvent> random(Random random, int count, Instant from, Instant to) {
        List<UsageEvent> events = new ArrayList<>(count);
        long micros = (to.toEpochMilli() - from.toEpochMilli()) * 1000;
        for (int i = 0; i < count; i++) {
            events.add(random(random, from.plusNanos(random.nextLong(micros) * 1000)));
        }
        return events;
    }

    static UsageEvent random(Random random, Instant occurredAt) {
        String tenant = "tenant-" + random.nextInt(3);
        UsageEvent.Builder event = event(tenant, occurredAt, "0")
                .setEventId(new UUID(random.nextLong(), random.nextLong()))
                .setApiKeyId("key-" + tenant + "-" + random.nextInt(4))
                .setProvider(random.nextBoolean() ? "openai" : "anthropic")
                .setModel("model-" + random.nextInt(5))
                .setTags(random.nextInt(5) == 0 ? Map.of() : Map.of("team", "t\",\"" + random.nextInt(3), "other", "x"))
                .setOutcome(random.nextInt(10) == 0 ? Outcome.upstream_error : Outcome.completed)
                .setUncachedInputTokens(random.nextInt(100_000))
                .setCacheReadInputTokens(random.nextInt(100_000))
                .setCacheWrite5mInputTokens(random.nextInt(1000))
                .setCacheWrite1hInputTokens(random.nextInt(1000))
                .setAudioInputTokens(random.nextInt(1000))
                .setImageInputTokens(random.nextInt(1000))
                .setTextOutputTokens(random.nextInt(10_000))
                .setReasoningOutputTokens(random.nextInt(10_000))
                .setAudioOutputTokens(random.nextInt(1000))
                .setImageOutputTokens(random.nextInt(1000))
                .setUnits(
                        random.nextInt(5) > 0
                                ? Map.of()
                                : Map.of(
                                        "pages",
                                        BigDecimal.valueOf(random.nextInt(100), 3)
                                                .setScale(Money.SCALE)))
                .setServiceTier(random.nextInt(5) > 0 ? null : "flex")
                .setHttpStatus(random.nextBoolean() ? null : 503)
                .setUsageSource(random.nextInt(10) == 0 ? UsageSource.estimated : UsageSource.provider)
                .setTimeToFirstTokenMs(random.nextBoolean() ? null : (long) random.nextInt(9_000))
                .setLatencyMs(random.nextInt(60_000));
        if (random.nextInt(20) == 0) {
            return event.setCostUsd(null).setCostParts(Map.of()).build();
        }
        BigDecimal input = BigDecimal.valueOf(random.nextLong(5_000_000_000_000L), Money.SCALE);
        BigDecimal output = BigDecimal.valueOf(random.nextLong(5_000_000_000_000L), Money.SCALE);
        return event.setCostUsd(input.add(output))
                .setCostParts(Map.of("uncached_input_tokens", input, "text_output_tokens", output))
                .build();
    }
}
