package dev.tokenmeter.gateway.attribution;

import dev.tokenmeter.schemas.ApiKey;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The virtual keys, as the control plane last wrote them. Written by one thread, read by all event loops without locks.
 */
public final class KeyDirectory {
    private final Map<String, ApiKey> byHash = new ConcurrentHashMap<>();
    private final Map<String, String> hashById = new ConcurrentHashMap<>();
    private volatile boolean caughtUp;

    /** Adds or replaces a key. */
    public void put(ApiKey key) {
        byHash.put(key.getKeyHash(), key);
        String before = hashById.put(key.getApiKeyId(), key.getKeyHash());
        if (before != null && !before.equals(key.getKeyHash())) {
            byHash.remove(before);
        }
    }

    /** Removes a key. */
    public void remove(String apiKeyId) {
        String hash = hashById.remove(apiKeyId);
        if (hash != null) {
            byHash.remove(hash);
        }
    }

    /** To be called once everything that was written before the start has been read. */
    public void markCaughtUp() {
        caughtUp = true;
    }

    /** Whether a key that is not here does not exist. */
    public boolean isCaughtUp() {
        return caughtUp;
    }

    /** Number of keys. */
    public int size() {
        return byHash.size();
    }

    Optional<ApiKey> bySecret(String secret) {
        return Optional.ofNullable(byHash.get(Hashes.sha256(secret)));
    }
}
