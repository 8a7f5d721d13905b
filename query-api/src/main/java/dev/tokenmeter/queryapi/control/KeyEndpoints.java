package dev.tokenmeter.queryapi.control;

import com.fasterxml.uuid.Generators;
import dev.tokenmeter.queryapi.http.ApiAnswer;
import dev.tokenmeter.queryapi.http.ApiRequest;
import dev.tokenmeter.queryapi.http.Endpoints;
import dev.tokenmeter.queryapi.problem.Problem;
import dev.tokenmeter.schemas.ApiKey;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** {@code /api/v1/keys}: virtual keys for the gateway. The secret is in the answer that made the key and nowhere else. */
public final class KeyEndpoints {
    private static final String TAG_NAME = "[a-z0-9][a-z0-9_.-]{0,63}";
    private static final Set<String> FIELDS = Set.of("tenant", "name", "tags", "expires_at");

    private final CompactedTopic<ApiKey> keys;
    private final Clock clock;

    public KeyEndpoints(CompactedTopic<ApiKey> keys, Clock clock) {
        this.keys = keys;
        this.clock = clock;
    }

    /** Puts them on their paths. */
    public void register(Endpoints endpoints) {
        endpoints.get("/api/v1/keys", Set.of("tenant"), this::list);
        endpoints.post("/api/v1/keys", this::create);
        endpoints.delete("/api/v1/keys/:id", this::disable);
    }

    private ApiAnswer list(ApiRequest request) {
        Optional<String> tenant = request.access().scope(request.parameters().text("tenant"));
        return ApiAnswer.data(keys.all().stream()
                .filter(key -> tenant.isEmpty() || tenant.get().equals(key.getTenant()))
                .map(KeyEndpoints::json)
                .toList());
    }

    private ApiAnswer create(ApiRequest request) {
        request.access().requireAdmin();
        Body body = new Body(request.body(), FIELDS);
        KeySecret secret = KeySecret.random();
        ApiKey key = ApiKey.newBuilder()
                .setApiKeyId("key_"
                        + Generators.timeBasedEpochGenerator()
                                .generate()
                                .toString()
                                .replace("-", ""))
                .setKeyHash(secret.hash())
                .setTenant(Owner.of(body, request.access()))
                .setName(body.requiredText("name"))
                .setTags(tags(body))
                .setExpiresAt(body.time("expires_at").orElse(null))
                .setCreatedAt(clock.instant().truncatedTo(ChronoUnit.MICROS))
                .setCreatedBy(request.access().name())
                .build();
        keys.put(key.getApiKeyId(), key);
        Map<String, Object> json = json(key);
        json.put("secret", secret.text());
        return ApiAnswer.created(json);
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

    private ApiAnswer disable(ApiRequest request) {
        request.access().requireAdmin();
        ApiKey key = keys.get(request.id())
                .filter(one -> request.access().sees(one.getTenant()))
                .orElseThrow(() -> Problem.notFound("Key " + request.id()));
        ApiKey disabled = ApiKey.newBuilder(key).setEnabled(false).build();
        keys.put(key.getApiKeyId(), disabled);
        return ApiAnswer.data(json(disabled));
    }

    private static Map<String, Object> json(ApiKey key) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("api_key_id", key.getApiKeyId());
        json.put("tenant", key.getTenant());
        json.put("name", key.getName());
        json.put("tags", key.getTags());
        json.put("enabled", key.getEnabled());
        json.put("expires_at", key.getExpiresAt());
        json.put("created_at", key.getCreatedAt());
        json.put("created_by", key.getCreatedBy());
        return json;
    }
}
