package dev.tokenmeter.gateway.attribution;

import dev.tokenmeter.schemas.ApiKey;
import io.vertx.core.MultiMap;
import java.time.Clock;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Decides from a call's headers whether it may pass and whom it is charged to. A tenant is never taken from a header.
 * Safe for use by several event loops; does not block.
 */
public final class Authenticator {
    private static final String END_USER_HEADER = "x-tokenmeter-end-user";
    private static final int MAX_END_USER_CHARS = 256;

    private final AttributionConfig config;
    private final TagReader tagReader;
    private final KeyDirectory keys;
    private final Clock clock;

    /** @param clock tells whether a key has expired */
    public Authenticator(AttributionConfig config, KeyDirectory keys, Clock clock) {
        this.config = config;
        this.tagReader = new TagReader(config.tags());
        this.keys = keys;
        this.clock = clock;
    }

    /** The headers that may hold a caller's secret, lower case. */
    public static List<String> credentialHeaders() {
        return Credential.HEADERS;
    }

    /**
     * Decides on a call.
     *
     * @throws TagException if its tags cannot be used
     */
    public Admission admit(MultiMap headers) throws TagException {
        Credential credential = Credential.of(headers);
        Map<String, String> tags = tagReader.read(headers);
        return credential.isVirtual() ? virtual(credential, headers, tags) : passThrough(credential, headers, tags);
    }

    private Admission passThrough(Credential credential, MultiMap headers, Map<String, String> tags) {
        if (!config.passThrough()) {
            return new Admission.Refused(
                    401, "invalid_api_key", "This gateway takes only its own keys, which begin with tm-.", null);
        }
        String id = "pt_" + (credential.isAbsent() ? "none" : Hashes.shortSha256(credential.secret()));
        return new Admission.Admitted(attribution(config.passThroughTenant(), id, tags, headers), false);
    }

    private Admission virtual(Credential credential, MultiMap headers, Map<String, String> callerTags) {
        Optional<ApiKey> found = keys.bySecret(credential.secret());
        if (found.isEmpty()) {
            return keys.isCaughtUp()
                    ? new Admission.Refused(401, "invalid_api_key", "This key is not known to the gateway.", null)
                    : new Admission.Refused(
                            503, "keys_not_loaded", "The gateway has not read its keys yet; try again.", null);
        }
        ApiKey key = found.get();
        Map<String, String> tags = new HashMap<>(callerTags);
        tags.putAll(key.getTags());
        Attribution attribution = attribution(key.getTenant(), key.getApiKeyId(), tags, headers);
        if (!key.getEnabled()) {
            return new Admission.Refused(401, "key_disabled", "This key is disabled.", attribution);
        }
        if (key.getExpiresAt() != null && !key.getExpiresAt().isAfter(clock.instant())) {
            return new Admission.Refused(
                    401, "key_expired", "This key expired at " + key.getExpiresAt() + ".", attribution);
        }
        return new Admission.Admitted(attribution, true);
    }

    private Attribution attribution(String tenant, String apiKeyId, Map<String, String> tags, MultiMap headers) {
        return new Attribution(tenant, apiKeyId, Map.copyOf(tags), endUser(headers), TraceParent.traceId(headers));
    }

    private String endUser(MultiMap headers) {
        String given = headers.get(END_USER_HEADER);
        if (given == null || given.isBlank()) {
            return null;
        }
        if (config.hashEndUsers()) {
            return Hashes.shortSha256(given);
        }
        return given.length() <= MAX_END_USER_CHARS ? given : given.substring(0, MAX_END_USER_CHARS);
    }
}
