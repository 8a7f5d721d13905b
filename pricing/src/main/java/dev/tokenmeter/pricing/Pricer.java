package dev.tokenmeter.pricing;

import dev.tokenmeter.schemas.UsageEvent;

/** Puts a cost on an event. Thread-safe and quick enough for an event loop. */
@FunctionalInterface
public interface Pricer {
    /**
     * Returns the event with {@code cost_usd}, {@code cost_parts} and {@code price_id} set by the price in force at
     * {@code occurred_at}, or unchanged (cost null) where no price covers everything that it would bill. An event
     * without any billable quantity costs zero when its model has a price, unless the provider may have charged for what
     * was not seen ({@link dev.tokenmeter.schemas.UsageEvents#lacksUsage}): then its cost is unknown.
     */
    UsageEvent price(UsageEvent event);

    /** The same for an event that nobody else has seen yet: it may be changed, which is cheaper than a copy. */
    default UsageEvent priceFresh(UsageEvent event) {
        return price(event);
    }
}
