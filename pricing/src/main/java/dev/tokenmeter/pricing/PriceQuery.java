package dev.tokenmeter.pricing;

import dev.tokenmeter.schemas.UsageEvent;
import java.time.Instant;

/**
 * Which price is asked for.
 *
 * @param tenant who pays
 * @param provider provider as events name it
 * @param model model as the answer names it
 * @param serviceTier as the answer states it; null where it states none
 * @param region region that is billed by; null where none is stated
 * @param at when the call ended
 */
public record PriceQuery(String tenant, String provider, String model, String serviceTier, String region, Instant at) {
    /** Of an event. */
    public static PriceQuery of(UsageEvent event) {
        return new PriceQuery(
                event.getTenant(),
                event.getProvider(),
                event.getModel(),
                event.getServiceTier(),
                event.getRegion(),
                event.getOccurredAt());
    }

    String tierOrDefault() {
        return serviceTier == null ? "default" : serviceTier;
    }
}
