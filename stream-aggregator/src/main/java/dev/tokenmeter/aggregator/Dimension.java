package dev.tokenmeter.aggregator;

import dev.tokenmeter.schemas.PricingClass;
import dev.tokenmeter.schemas.UsageEvent;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * Something to group by: a field of the event, or {@code tag.<name>}. What is absent is the empty string.
 *
 * @param name as in settings, rollups and queries
 */
record Dimension(String name, Function<UsageEvent, String> of) {
    static final String TENANT = "tenant";

    private static final String TAG_PREFIX = "tag.";
    private static final Map<String, Function<UsageEvent, String>> FIELDS = new TreeMap<>(Map.ofEntries(
            Map.entry(TENANT, UsageEvent::getTenant),
            Map.entry("api_key_id", UsageEvent::getApiKeyId),
            Map.entry("provider", UsageEvent::getProvider),
            Map.entry("model", UsageEvent::getModel),
            Map.entry("requested_model", UsageEvent::getRequestedModel),
            Map.entry("operation", UsageEvent::getOperation),
            Map.entry("service_tier", UsageEvent::getServiceTier),
            Map.entry("source", UsageEvent::getSource),
            Map.entry("gateway_id", UsageEvent::getGatewayId),
            Map.entry("end_user", UsageEvent::getEndUser),
            Map.entry(PricingClass.DIMENSION, PricingClass::textOf)));

    /** For error messages. */
    static final String ALLOWED = String.join(", ", FIELDS.keySet()) + ", " + TAG_PREFIX + "<name>";

    /** @throws IllegalArgumentException if there is no such dimension */
    static Dimension named(String name) {
        if (name.startsWith(TAG_PREFIX) && name.length() > TAG_PREFIX.length()) {
            String tag = name.substring(TAG_PREFIX.length());
            return new Dimension(name, event -> event.getTags().get(tag));
        }
        Function<UsageEvent, String> field = FIELDS.get(name);
        if (field == null) {
            throw new IllegalArgumentException(name);
        }
        return new Dimension(name, field);
    }

    String valueIn(UsageEvent event) {
        String value = of.apply(event);
        return value == null ? "" : value;
    }
}
