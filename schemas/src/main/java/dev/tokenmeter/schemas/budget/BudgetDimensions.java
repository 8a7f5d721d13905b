package dev.tokenmeter.schemas.budget;

import dev.tokenmeter.schemas.UsageEvent;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * The dimensions by which budgets may be limited to some of a tenant's calls. Spend is kept by each combination of them, so
 * there are only as many as the operator allows.
 *
 * @param names in order
 */
public record BudgetDimensions(List<String> names) {
    /** A tag's dimension is this and the tag's name. */
    public static final String TAG_PREFIX = "tag.";

    /** The dimension whose values {@link ModelName} compares. */
    public static final String MODEL = "model";

    /** At most so many. */
    public static final int MOST = 16;

    /** For error messages. */
    public static final String ALLOWED = "api_key_id, provider, model, operation, end_user, tag.<name>";

    /** Those that are there without any setting. */
    public static final BudgetDimensions DEFAULT = new BudgetDimensions(List.of(
            "api_key_id",
            "provider",
            MODEL,
            "operation",
            "tag.team",
            "tag.feature",
            "tag.environment",
            "tag.customer"));

    private static final Map<String, Function<UsageEvent, String>> FIELDS = Map.of(
            "api_key_id",
            UsageEvent::getApiKeyId,
            "provider",
            UsageEvent::getProvider,
            MODEL,
            UsageEvent::getModel,
            "operation",
            UsageEvent::getOperation,
            "end_user",
            UsageEvent::getEndUser);

    /** Takes names for which {@link #exists} is true. */
    public BudgetDimensions {
        names = List.copyOf(names);
    }

    /** Whether there is such a dimension. */
    public static boolean exists(String name) {
        return FIELDS.containsKey(name) || name.startsWith(TAG_PREFIX) && name.length() > TAG_PREFIX.length();
    }

    /** An event's value; null or empty where it has none. */
    public static String valueOf(UsageEvent event, String name) {
        return name.startsWith(TAG_PREFIX)
                ? event.getTags().get(name.substring(TAG_PREFIX.length()))
                : FIELDS.get(name).apply(event);
    }

    /** An event's values of those dimensions that it has. */
    public Map<String, String> valuesOf(UsageEvent event) {
        Map<String, String> values = new LinkedHashMap<>();
        for (String name : names) {
            String value = valueOf(event, name);
            if (value != null && !value.isEmpty()) {
                values.put(name, value);
            }
        }
        return values;
    }
}
