package dev.tokenmeter.pricing;

import dev.tokenmeter.schemas.UsageEvent;
import java.time.Instant;
import java.util.UUID;

final class Events {
    static final Instant NOW = Instant.parse("2026-11-24T12:00:00Z");

    private Events() {}

    static UsageEvent.Builder of(String provider, String model) {
        return UsageEvent.newBuilder()
                .setEventId(UUID.fromString("01935a3c-0000-7000-8000-000000000001"))
                .setOccurredAt(NOW)
                .setGatewayId("gw")
                .setTenant("acme")
                .setApiKeyId("key")
                .setProvider(provider)
                .setModel(model)
                .setOperation("chat");
    }
}
