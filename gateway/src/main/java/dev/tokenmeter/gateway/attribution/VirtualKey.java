package dev.tokenmeter.gateway.attribution;

import dev.tokenmeter.gateway.key.KeyPolicy;
import dev.tokenmeter.schemas.ApiKey;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * A virtual key as the control plane last wrote it.
 *
 * @param policy made of it
 */
record VirtualKey(ApiKey key, KeyPolicy policy) {
    static VirtualKey of(ApiKey key) {
        return new VirtualKey(key, KeyPolicy.of(key));
    }

    /** The hashes of its secrets, the one before the last rotation among them. */
    Set<String> hashes() {
        String previous = key.getPreviousKeyHash();
        return previous == null || previous.equals(key.getKeyHash())
                ? Set.of(key.getKeyHash())
                : Set.of(key.getKeyHash(), previous);
    }

    /** Whether a secret of its hashes still works: the newest one does, the one before it for a time. */
    boolean isCurrent(String hash, Instant now) {
        return hash.equals(key.getKeyHash())
                || key.getPreviousKeyValidUntil() != null && now.isBefore(key.getPreviousKeyValidUntil());
    }

    boolean isExpired(Instant now) {
        return key.getExpiresAt() != null && !key.getExpiresAt().isAfter(now);
    }

    /** A caller's tags and the key's; the key's win, but for those that a caller may override. */
    Map<String, String> tagsOver(Map<String, String> callers) {
        if (key.getTags().isEmpty()) {
            return callers;
        }
        Map<String, String> tags = new HashMap<>(callers);
        key.getTags().forEach((name, value) -> {
            if (key.getOverridableTags().contains(name)) {
                tags.putIfAbsent(name, value);
            } else {
                tags.put(name, value);
            }
        });
        return tags;
    }

    /** Names of the key's tags that a caller may override and, in its headers, did not. */
    Set<String> replaceable(Map<String, String> callers) {
        if (key.getOverridableTags().isEmpty()) {
            return Set.of();
        }
        Set<String> names = new java.util.HashSet<>(key.getOverridableTags());
        names.retainAll(key.getTags().keySet());
        names.removeAll(callers.keySet());
        return Set.copyOf(names);
    }
}
