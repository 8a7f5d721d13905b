package dev.tokenmeter.queryapi.control;

import dev.tokenmeter.queryapi.problem.Problem;
import dev.tokenmeter.schemas.ApiKey;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** The fields of a virtual key that its makers set, read from a request's body and written to an answer's. */
final class KeyFields {
    /** Of a new key. */
    static final Set<String> OF_NEW = Set.of(
            "tenant",
            "name",
            "tags",
            "overridable_tags",
            "allowed_providers",
            "allowed_models",
            "allowed_operations",
            "requests_per_minute",
            "tokens_per_minute",
            "provider_keys",
            "expires_at");
    /** Of a change: a key stays its tenant's. */
    static final Set<String> OF_CHANGE = Set.of(
            "name",
            "tags",
            "overridable_tags",
            "allowed_providers",
            "allowed_models",
            "allowed_operations",
            "requests_per_minute",
            "tokens_per_minute",
            "provider_keys",
            "expires_at",
            "enabled");

    private static final String TAG_NAME = "[a-z0-9][a-z0-9_.-]{0,63}";
    private static final String PROVIDER = "[a-z0-9][a-z0-9_-]{0,63}";
    private static final String KEY_ID = "[a-z0-9][a-z0-9_-]{0,39}";
    private static final String MODEL = "[^\\s,]{1,200}";
    private static final String OPERATION = "[a-z][a-z_]{0,39}|\\*";
    private static final long MAX_REQUESTS = 1_000_000;
    private static final long MAX_TOKENS = 10_000_000_000L;

    private KeyFields() {}

    /** Sets what the body names; a null takes a limit away. */
    static void apply(Body body, ApiKey.Builder key) {
        body.ifNamed("name", () -> key.setName(body.requiredText("name")));
        body.ifNamed("tags", () -> key.setTags(tags(body)));
        body.ifNamed(
                "overridable_tags",
                () -> key.setOverridableTags(lowerCase(body.names("overridable_tags", "(?i)" + TAG_NAME, TAG_NAME))));
        body.ifNamed(
                "allowed_providers",
                () -> key.setAllowedProviders(body.names("allowed_providers", PROVIDER, "names of providers")));
        body.ifNamed(
                "allowed_models",
                () -> key.setAllowedModels(
                        body.names("allowed_models", MODEL, "names of models, * for any characters, no spaces")));
        body.ifNamed(
                "allowed_operations",
                () -> key.setAllowedOperations(
                        body.names(
                                "allowed_operations",
                                OPERATION,
                                "operations such as chat or embeddings; unbilled, files, stored; or * for all but the last two")));
        body.ifNamed(
                "requests_per_minute",
                () -> key.setRequestsPerMinute(body.number("requests_per_minute", 1, MAX_REQUESTS)
                        .map(Math::toIntExact)
                        .orElse(null)));
        body.ifNamed(
                "tokens_per_minute",
                () -> key.setTokensPerMinute(
                        body.number("tokens_per_minute", 1, MAX_TOKENS).orElse(null)));
        body.ifNamed("provider_keys", () -> key.setProviderKeys(providerKeys(body)));
        body.ifNamed(
                "expires_at", () -> key.setExpiresAt(body.time("expires_at").orElse(null)));
        body.ifNamed("enabled", () -> key.setEnabled(body.requiredFlag("enabled")));
    }

    /** As the gateway reads the names of callers' tags, so that a key's tag and a caller's of one name meet. */
    private static Map<String, String> tags(Body body) {
        Map<String, String> tags = new LinkedHashMap<>();
        body.texts("tags").forEach((name, value) -> {
            String lower = name.toLowerCase(Locale.ROOT);
            if (!lower.matches(TAG_NAME)) {
                throw Problem.badParameter("tags", "found the name '" + name + "'", TAG_NAME);
            }
            tags.put(lower, value);
        });
        return tags;
    }

    private static List<String> lowerCase(List<String> names) {
        return names.stream().map(name -> name.toLowerCase(Locale.ROOT)).toList();
    }

    private static Map<String, String> providerKeys(Body body) {
        Map<String, String> keys = body.texts("provider_keys");
        keys.forEach((provider, id) -> {
            if (!provider.matches(PROVIDER) || !id.matches(KEY_ID)) { // what is found may be a secret: not repeated
                throw Problem.badParameter(
                        "provider_keys",
                        "found something else",
                        "by provider, the id of a key that the gateway has configured, never the key itself");
            }
        });
        return keys;
    }

    /** What may be shown: everything but hashes. */
    static Map<String, Object> json(ApiKey key) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("api_key_id", key.getApiKeyId());
        json.put("tenant", key.getTenant());
        json.put("name", key.getName());
        json.put("tags", new TreeMap<>(key.getTags()));
        json.put("overridable_tags", new ArrayList<>(key.getOverridableTags()));
        json.put("allowed_providers", new ArrayList<>(key.getAllowedProviders()));
        json.put("allowed_models", new ArrayList<>(key.getAllowedModels()));
        json.put("allowed_operations", new ArrayList<>(key.getAllowedOperations()));
        json.put("requests_per_minute", key.getRequestsPerMinute());
        json.put("tokens_per_minute", key.getTokensPerMinute());
        json.put("provider_keys", new TreeMap<>(key.getProviderKeys()));
        json.put("enabled", key.getEnabled());
        json.put("expires_at", key.getExpiresAt());
        json.put("previous_secret_valid_until", key.getPreviousKeyValidUntil());
        json.put("created_at", key.getCreatedAt());
        json.put("created_by", key.getCreatedBy());
        json.put("updated_at", key.getUpdatedAt());
        json.put("updated_by", key.getUpdatedBy());
        return json;
    }
}
