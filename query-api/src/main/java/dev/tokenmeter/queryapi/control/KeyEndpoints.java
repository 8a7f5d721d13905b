package dev.tokenmeter.queryapi.control;

import com.fasterxml.uuid.Generators;
import dev.tokenmeter.queryapi.http.ApiAnswer;
import dev.tokenmeter.queryapi.http.ApiRequest;
import dev.tokenmeter.queryapi.http.Endpoints;
import dev.tokenmeter.queryapi.problem.Problem;
import dev.tokenmeter.schemas.ApiKey;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * {@code /api/v1/keys}: virtual keys for the gateway. A secret is in the answer that made it, by creation or rotation, and
 * nowhere else. Changes made here at the same time follow one another; of two made through two processes the later holds.
 */
public final class KeyEndpoints {
    private static final long DEFAULT_GRACE_SECONDS = Duration.ofDays(1).toSeconds();
    private static final long MAX_GRACE_SECONDS = Duration.ofDays(30).toSeconds();

    private final CompactedTopic<ApiKey> keys;
    private final Clock clock;
    private final Object changing = new Object();

    public KeyEndpoints(CompactedTopic<ApiKey> keys, Clock clock) {
        this.keys = keys;
        this.clock = clock;
    }

    /** Puts them on their paths. */
    public void register(Endpoints endpoints) {
        endpoints.get("/api/v1/keys", Set.of("tenant"), this::list);
        endpoints.post("/api/v1/keys", this::create);
        endpoints.get("/api/v1/keys/:id", Set.of(), request -> ApiAnswer.data(KeyFields.json(visible(request))));
        endpoints.patch("/api/v1/keys/:id", this::update);
        endpoints.delete("/api/v1/keys/:id", this::disable);
        endpoints.post("/api/v1/keys/:id/rotate", this::rotate);
    }

    private ApiAnswer list(ApiRequest request) {
        Optional<String> tenant = request.access().scope(request.parameters().text("tenant"));
        return ApiAnswer.data(keys.all().stream()
                .filter(key -> tenant.isEmpty() || tenant.get().equals(key.getTenant()))
                .map(KeyFields::json)
                .toList());
    }

    private ApiKey visible(ApiRequest request) {
        return keys.get(request.id())
                .filter(key -> request.access().sees(key.getTenant()))
                .orElseThrow(() -> Problem.notFound("Key " + request.id()));
    }

    private ApiAnswer create(ApiRequest request) {
        request.access().requireAdmin();
        Body body = new Body(request.body(), KeyFields.OF_NEW);
        KeySecret secret = KeySecret.random();
        ApiKey.Builder key = ApiKey.newBuilder()
                .setApiKeyId("key_"
                        + Generators.timeBasedEpochGenerator()
                                .generate()
                                .toString()
                                .replace("-", ""))
                .setKeyHash(secret.hash())
                .setTenant(Owner.of(body, request.access()))
                .setName(body.requiredText("name"))
                .setCreatedAt(now())
                .setCreatedBy(request.access().name());
        KeyFields.apply(body, key);
        ApiKey made = key.build();
        KeyReach.check(request.access(), made);
        keys.put(made.getApiKeyId(), made);
        return ApiAnswer.created(withSecret(made, secret));
    }

    private ApiAnswer update(ApiRequest request) {
        request.access().requireAdmin();
        Body body = new Body(request.body(), KeyFields.OF_CHANGE);
        return ApiAnswer.data(KeyFields.json(change(request, key -> KeyFields.apply(body, key))));
    }

    private ApiAnswer disable(ApiRequest request) {
        request.access().requireAdmin();
        return ApiAnswer.data(KeyFields.json(change(request, key -> key.setEnabled(false))));
    }

    private ApiAnswer rotate(ApiRequest request) {
        request.access().requireAdmin();
        Body body = new Body(request.body(), Set.of("grace_seconds"));
        long grace = body.number("grace_seconds", 0, MAX_GRACE_SECONDS).orElse(DEFAULT_GRACE_SECONDS);
        KeySecret secret = KeySecret.random();
        ApiKey rotated = change(
                request,
                key -> key.setPreviousKeyHash(grace == 0 ? null : key.getKeyHash())
                        .setPreviousKeyValidUntil(grace == 0 ? null : now().plusSeconds(grace))
                        .setKeyHash(secret.hash()));
        return ApiAnswer.data(withSecret(rotated, secret));
    }

    private ApiKey change(ApiRequest request, Consumer<ApiKey.Builder> change) {
        synchronized (changing) { // a change is made of what the one before it left
            ApiKey before = visible(request);
            ApiKey.Builder key = ApiKey.newBuilder(before)
                    .setUpdatedAt(now())
                    .setUpdatedBy(request.access().name());
            change.accept(key);
            ApiKey changed = key.build();
            KeyReach.check(request.access(), before, changed);
            keys.put(changed.getApiKeyId(), changed);
            return changed;
        }
    }

    private Instant now() {
        return clock.instant().truncatedTo(ChronoUnit.MICROS);
    }

    private static Map<String, Object> withSecret(ApiKey key, KeySecret secret) {
        Map<String, Object> json = KeyFields.json(key);
        json.put("secret", secret.text());
        return json;
    }
}
