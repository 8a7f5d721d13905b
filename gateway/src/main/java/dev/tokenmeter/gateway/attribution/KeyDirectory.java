package dev.tokenmeter.gateway.attribution;

import dev.tokenmeter.schemas.ApiKey;
import dev.tokenmeter.service.topics.CatchingUpView;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The virtual keys, as the control plane last wrote them. Written by one thread, read by all event loops without locks. A
 * key is found by the SHA-256 of the secret that a caller presents: a hash table's look-up does not take constant time, but
 * what it gives away is about the hash, which a caller cannot steer towards a known one.
 */
public final class KeyDirectory extends CatchingUpView<ApiKey> {
    private final Map<String, VirtualKey> byHash = new ConcurrentHashMap<>();
    private final Map<String, Set<String>> hashesById = new ConcurrentHashMap<>();

    @Override
    public void put(String apiKeyId, ApiKey key) {
        put(key);
    }

    /** Adds or replaces a key. */
    public void put(ApiKey key) {
        VirtualKey virtual = VirtualKey.of(key);
        Set<String> hashes = virtual.hashes();
        hashes.forEach(hash -> byHash.put(hash, virtual));
        Set<String> before = hashesById.put(key.getApiKeyId(), hashes);
        if (before != null) {
            before.stream().filter(hash -> !hashes.contains(hash)).forEach(byHash::remove);
        }
    }

    @Override
    public void remove(String apiKeyId) {
        Set<String> hashes = hashesById.remove(apiKeyId);
        if (hashes != null) {
            hashes.forEach(byHash::remove);
        }
    }

    @Override
    public int size() {
        return hashesById.size();
    }

    Optional<VirtualKey> bySecret(String secret, Instant now) {
        String hash = Hashes.sha256(secret);
        return Optional.ofNullable(byHash.get(hash)).filter(key -> key.isCurrent(hash, now));
    }
}
