package dev.tokenmeter.gateway.upstream;

import dev.tokenmeter.service.SettingException;
import dev.tokenmeter.service.Settings;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * One address of a provider.
 *
 * @param id as in the settings
 * @param baseUrl where its API is
 * @param weight its share of the calls among its provider's addresses; 0 for use only after the others
 * @param key the key to use there; null for any of the provider's
 */
public record UpstreamConfig(String id, URI baseUrl, int weight, ProviderKey key) {
    /** Id of the only address, where the settings give just one. */
    public static final String ONLY = "default";

    static final int MAX_WEIGHT = 1_000_000;

    /**
     * Reads {@code base-url}, or else {@code upstreams.*}.
     *
     * @param prefix of the provider's settings, with its dot
     * @param builtIn the address where none is set; null for none
     */
    public static List<UpstreamConfig> allFrom(Settings settings, String prefix, URI builtIn) {
        Optional<URI> only = settings.url(prefix + "base-url");
        List<UpstreamConfig> upstreams = new ArrayList<>();
        for (String id : settings.names(prefix + "upstreams")) {
            upstreams.add(oneFrom(settings, prefix + "upstreams." + id + ".", id));
        }
        if (only.isPresent() && !upstreams.isEmpty()) {
            throw new SettingException(prefix + "upstreams", "also base-url is set", "one of the two");
        }
        if (upstreams.isEmpty()) {
            URI url = only.or(() -> Optional.ofNullable(builtIn)).orElseThrow(() -> missing(prefix));
            upstreams.add(new UpstreamConfig(ONLY, url, 1, null));
        }
        return List.copyOf(upstreams);
    }

    private static UpstreamConfig oneFrom(Settings settings, String prefix, String id) {
        checkId(prefix + "base-url", "upstream", id);
        URI url = settings.url(prefix + "base-url").orElseThrow(() -> missing(prefix));
        int weight = settings.integer(prefix + "weight", 1, 0, MAX_WEIGHT);
        ProviderKey key =
                ProviderKey.oneFrom(settings, prefix, "upstream." + id, 1).orElse(null);
        return new UpstreamConfig(id, url, weight, key);
    }

    private static SettingException missing(String prefix) {
        return new SettingException(prefix + "base-url", "not set", "an http or https URL");
    }

    static void checkId(String setting, String what, String id) {
        if (!id.matches("[a-z0-9][a-z0-9_-]*")) {
            throw new SettingException(setting, what + " '" + id + "'", "lower-case letters, digits, - and _");
        }
    }

    /** Whether the connection is encrypted. */
    public boolean isTls() {
        return baseUrl.getScheme().equals("https");
    }

    /** The address's port, the scheme's own where the URL names none. */
    public int port() {
        return baseUrl.getPort() >= 0 ? baseUrl.getPort() : isTls() ? 443 : 80;
    }

    @Override
    public String toString() {
        return "UpstreamConfig[" + id + ", " + baseUrl + ", weight " + weight + "]";
    }
}
