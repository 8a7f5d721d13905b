package dev.tokenmeter.gateway.upstream;

import dev.tokenmeter.service.SettingException;
import dev.tokenmeter.service.Settings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * One of the operator's own keys at a provider.
 *
 * @param id as in the settings; not secret
 * @param secret never to be logged
 * @param weight its share of the calls among its provider's keys; 0 for use only after the others
 */
public record ProviderKey(String id, String secret, int weight) {
    /** Id of the only key, where the settings give just one. */
    public static final String ONLY = "default";

    /**
     * Reads {@code api-key} or {@code api-key-file}, or else {@code keys.*}.
     *
     * @param prefix of the provider's settings, with its dot
     * @return empty when there is none
     */
    public static List<ProviderKey> allFrom(Settings settings, String prefix) {
        Optional<ProviderKey> only = oneFrom(settings, prefix, ONLY, 1);
        List<ProviderKey> keys = new ArrayList<>();
        for (String id : settings.names(prefix + "keys")) {
            String key = prefix + "keys." + id + ".";
            UpstreamConfig.checkId(key + "api-key", "key", id);
            int weight = settings.integer(key + "weight", 1, 0, UpstreamConfig.MAX_WEIGHT);
            keys.add(oneFrom(settings, key, id, weight)
                    .orElseThrow(() -> new SettingException(
                            key + "api-key", "not set", "a key of the provider's, here or in api-key-file")));
        }
        if (only.isPresent() && !keys.isEmpty()) {
            throw new SettingException(prefix + "keys", "also api-key is set", "one of the two");
        }
        only.ifPresent(keys::add);
        return List.copyOf(keys);
    }

    static Optional<ProviderKey> oneFrom(Settings settings, String prefix, String id, int weight) {
        Optional<String> file = settings.optional(prefix + "api-key-file");
        Optional<String> key = settings.optional(prefix + "api-key");
        if (key.isPresent() || file.isEmpty()) {
            return key.map(secret -> new ProviderKey(id, secret.strip(), weight));
        }
        try {
            return Optional.of(
                    new ProviderKey(id, Files.readString(Path.of(file.get())).strip(), weight));
        } catch (IOException e) {
            throw new SettingException(prefix + "api-key-file", "cannot read " + file.get(), "a readable file");
        }
    }

    @Override
    public String toString() {
        return "ProviderKey[" + id + ", weight " + weight + "]";
    }
}
