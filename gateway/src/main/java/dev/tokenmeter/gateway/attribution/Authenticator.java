package dev.tokenmeter.gateway.attribution;

import dev.tokenmeter.gateway.key.KeyPolicy;
import dev.tokenmeter.schemas.EndUsers;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.MultiMap;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * Decides from a call's headers whether it may pass and whom it is charged to. A tenant is never taken from a header.
 * Safe for use by several event loops; does not block.
 */
public final class Authenticator {
    private static final String OWN_HEADERS = "x-tokenmeter-";
    private static final int MAX_END_USER_CHARS = 256;

    private final AttributionConfig config;
    private final VendorReader vendors;
    private final Counter droppedTags;
    private final KeyDirectory keys;
    private final PassThroughIds passThroughIds;
    private final Clock clock;

    /** @param clock tells whether a key has expired */
    public Authenticator(AttributionConfig config, KeyDirectory keys, MeterRegistry meters, Clock clock) {
        this.config = config;
        this.vendors = new VendorReader(config.vendors());
        this.droppedTags = Counter.builder("tokenmeter.gateway.dropped.tags")
                .description("Tags that could not be used and were left out of a call's event")
                .register(meters);
        this.keys = keys;
        this.passThroughIds = new PassThroughIds(config.passThroughKeys(), meters);
        this.clock = clock;
    }

    /** The headers that may hold a caller's secret, lower case. */
    public static List<String> credentialHeaders() {
        return Credential.HEADERS;
    }

    /** Whether a request's header, in lower case, is meant for a gateway and must not travel on. */
    public boolean isForGateway(String header) {
        return header.startsWith(OWN_HEADERS) || vendors.owns(header);
    }

    /** Whether a call's attribution is completed from its body. */
    public boolean readsBodies() {
        return config.vendors().contains(Vendor.BODY);
    }

    /**
     * Decides on a call.
     *
     * @param inQuery the secrets in its address
     * @throws TagException if its tags cannot be used
     */
    public Admission admit(MultiMap headers, List<String> inQuery) throws TagException {
        Credential credential = Credential.of(headers, inQuery);
        CallerAttributes caller = new CallerAttributes(config.tags(), Map.of(), this::invalid);
        TagReader.read(headers, caller);
        vendors.read(headers, caller);
        String traceId = TraceParent.traceId(headers);
        Identity identity =
                new Identity(caller.tags(), endUser(caller.endUser()), traceId == null ? caller.traceId() : traceId);
        return credential.isVirtual() ? virtual(credential, identity) : passThrough(credential, identity);
    }

    /** What the caller says of the call, whoever pays. */
    private record Identity(Map<String, String> tags, String endUser, String traceId) {
        Attribution chargedTo(String tenant, String apiKeyId) {
            return new Attribution(tenant, apiKeyId, Map.copyOf(tags), Set.of(), endUser, traceId);
        }

        Attribution chargedTo(VirtualKey key) {
            return new Attribution(
                    key.key().getTenant(),
                    key.key().getApiKeyId(),
                    Map.copyOf(key.tagsOver(tags)),
                    key.replaceable(tags),
                    endUser,
                    traceId);
        }
    }

    private void invalid(String message) throws TagException {
        if (config.whenInvalid() == AttributionConfig.WhenInvalid.REFUSE) {
            throw new TagException(message);
        }
        droppedTags.increment();
    }

    /**
     * Completes an attribution with what a request's body says; headers and keys win over it, but for tags of the key
     * that callers may override. The body is the provider's
     * to judge, so what cannot be used is left out and counted, and never a reason to refuse.
     *
     * @param metadata by name, as the caller wrote it
     * @param endUser null when not given
     */
    public Attribution withBody(Attribution attribution, Map<String, String> metadata, String endUser) {
        if (!readsBodies() || metadata.isEmpty() && endUser == null) {
            return attribution;
        }
        String user = attribution.endUser() == null ? endUser(endUser) : attribution.endUser();
        if (metadata.isEmpty()) {
            return new Attribution(
                    attribution.tenant(),
                    attribution.apiKeyId(),
                    attribution.tags(),
                    Set.of(),
                    user,
                    attribution.traceId());
        }
        Map<String, String> fixed = new TreeMap<>(attribution.tags());
        fixed.keySet().removeAll(attribution.replaceable());
        CallerAttributes caller = new CallerAttributes(config.tags(), fixed, message -> droppedTags.increment());
        try {
            for (Map.Entry<String, String> entry : metadata.entrySet()) {
                caller.tag("body", VendorReader.cleaned(entry.getKey()), entry.getValue());
            }
        } catch (TagException e) {
            throw new IllegalStateException("a tag was to be dropped", e);
        }
        Map<String, String> tags = caller.tags();
        attribution.tags().forEach(tags::putIfAbsent);
        return new Attribution(
                attribution.tenant(), attribution.apiKeyId(), Map.copyOf(tags), Set.of(), user, attribution.traceId());
    }

    private Admission passThrough(Credential credential, Identity identity) {
        if (!config.passThrough()) {
            return new Admission.Refused(
                    401, "invalid_api_key", "This gateway takes only its own keys, which begin with tm-.", null);
        }
        String id = PassThroughIds.of(credential.secret());
        return new Admission.Admitted(
                identity.chargedTo(config.passThroughTenant(), id), false, KeyPolicy.UNRESTRICTED);
    }

    /**
     * The attribution to record a call of a caller with a provider's key of its own under. Of somebody whom no provider has
     * served, who may be anybody, nothing is recorded that the caller makes up.
     *
     * @param served whether a provider served this call
     */
    public Attribution recorded(Attribution attribution, boolean served) {
        String id = passThroughIds.recorded(attribution.apiKeyId(), served);
        return isStranger(attribution, served)
                ? new Attribution(attribution.tenant(), id, Map.of(), Set.of(), null, attribution.traceId())
                : attribution.withApiKeyId(id);
    }

    /**
     * Whether no provider has served a caller with a key of its own, or none.
     *
     * @param served whether a provider served this call
     */
    public boolean isStranger(Attribution attribution, boolean served) {
        return !served && !passThroughIds.isServed(attribution.apiKeyId());
    }

    private Admission virtual(Credential credential, Identity identity) {
        Instant now = clock.instant();
        Optional<VirtualKey> found = keys.bySecret(credential.secret(), now);
        if (found.isEmpty()) {
            return keys.isCaughtUp()
                    ? new Admission.Refused(
                            401,
                            "invalid_api_key",
                            "This key is not known to the gateway; POST /api/v1/keys of the query API makes one.",
                            null)
                    : new Admission.Refused(
                            503, "keys_not_loaded", "The gateway has not read its keys yet; try again.", null);
        }
        VirtualKey key = found.get();
        Attribution attribution = identity.chargedTo(key);
        if (!key.key().getEnabled()) {
            return new Admission.Refused(401, "key_disabled", "This key is disabled.", attribution);
        }
        if (key.isExpired(now)) {
            return new Admission.Refused(
                    401, "key_expired", "This key expired at " + key.key().getExpiresAt() + ".", attribution);
        }
        return new Admission.Admitted(attribution, true, key.policy());
    }

    private String endUser(String given) {
        if (given == null) {
            return null;
        }
        if (config.hashEndUsers()) {
            return EndUsers.hashed(given);
        }
        return given.length() <= MAX_END_USER_CHARS ? given : given.substring(0, MAX_END_USER_CHARS);
    }
}
