package dev.tokenmeter.gateway.attribution;

import dev.tokenmeter.schemas.ApiKey;
import dev.tokenmeter.service.topics.CompactedView;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The virtual keys, as the control plane last wrote them. Written by one thread, read by all event loops without locks.
 */
public final class KeyDirectory implements CompactedView<ApiKey> {
    private final Map<String, ApiKey> byHash = new ConcurrentHashMap<>();
    private final Map<String, String> hashById = new ConcurrentHashMap<>();
    private volatile boolean caughtUp;

    @Override
    public void put(String apiKeyId, ApiKey key) {
        put(key);
    }

    /** Adds or replaces a key. */
    public void put(ApiKey key) {
        byHash.put(key.getKeyHash(), key);
        String before = hashById.put(key.getApiKeyId(), key.getKeyHash());
        if (before != null && !before.equals(key.getKeyHash())) {
            byHash.remove(before);
        }
    }

    @Override
    public void remove(String apiKeyId) {
        String hash = hashById.remove(apiKeyId);
        if (hash != null) {
            byHash.remove(hash);
        }
    }

    @Override
    public void markCaughtUp() {
        caughtUp = true;
    }

    @Override
    public boolean isCaughtUp() {
        return caughtUp;
    }

    @Override
    public int size() {
        return byHash.size();
    }

    Optional<ApiKey> bySecret(String secret) {
        return Optional.ofNullable(byHash.get(Hashes.sha256(secret)));
    }
}
