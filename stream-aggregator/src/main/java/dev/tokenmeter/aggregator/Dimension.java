package dev.tokenmeter.aggregator;

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
    private static final Map<String, Function<UsageEvent, String>> FIELDS = new TreeMap<>(Map.of(
            TENANT,
            UsageEvent::getTenant,
            "api_key_id",
            UsageEvent::getApiKeyId,
            "provider",
            UsageEvent::getProvider,
            "model",
            UsageEvent::getModel,
            "requested_model",
            UsageEvent::getRequestedModel,
            "operation",
            UsageEvent::getOperation,
            "service_tier",
            UsageEvent::getServiceTier,
            "source",
            UsageEvent::getSource,
            "gateway_id",
            UsageEvent::getGatewayId,
            "end_user",
            UsageEvent::getEndUser));

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
