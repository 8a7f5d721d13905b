package dev.tokenmeter.queryapi.ingest;

import dev.tokenmeter.schemas.TagRules;
import dev.tokenmeter.service.Settings;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Settings of ingest.
 *
 * @param maxBytes of a request's body, unpacked
 * @param maxEvents calls in one request
 * @param maxAge an older call is refused: the aggregator would not count it
 * @param defaultTenant whose a call is that names nobody, where the token is for all tenants
 * @param hashEndUsers whether the end user's name is hashed before it is stored
 * @param tags bounds on tags
 * @param attributeTags by tag, the OpenTelemetry attribute, of span or resource, that it is taken from
 * @param gatewayAddresses {@code host:port} of gateways: spans of calls to them are left out, as the gateway metered them
 */
public record IngestConfig(
        int maxBytes,
        int maxEvents,
        Duration maxAge,
        String defaultTenant,
        boolean hashEndUsers,
        TagRules tags,
        Map<String, String> attributeTags,
        Set<String> gatewayAddresses) {
    private static final String SECTION = "query-api.ingest.";
    private static final Map<String, String> DEFAULT_TAGS = Map.of(
            "service", "service.name",
            "environment", "deployment.environment.name",
            "agent", "gen_ai.agent.name");
    private static final List<String> DEFAULT_GATEWAY = List.of("127.0.0.1:8080", "localhost:8080");

    public IngestConfig {
        attributeTags = Map.copyOf(attributeTags);
        gatewayAddresses = Set.copyOf(gatewayAddresses);
    }

    /** Reads {@code query-api.ingest.*}. */
    public static IngestConfig from(Settings settings) {
        Map<String, String> tags = new TreeMap<>(settings.map(SECTION + "attribute-tags"));
        List<String> gateways = settings.list(SECTION + "gateway-addresses");
        return new IngestConfig(
                settings.integer(SECTION + "max-bytes", 4 << 20, 1 << 10, 64 << 20),
                settings.integer(SECTION + "max-events", 10_000, 1, 100_000),
                settings.duration(SECTION + "max-age", Duration.ofDays(7)),
                settings.string(SECTION + "default-tenant", "default"),
                settings.bool(SECTION + "hash-end-users", true),
                TagRules.DEFAULT,
                tags.isEmpty() ? DEFAULT_TAGS : tags,
                Set.copyOf(gateways.isEmpty() ? DEFAULT_GATEWAY : gateways));
    }
}
