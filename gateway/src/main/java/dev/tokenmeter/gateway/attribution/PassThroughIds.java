package dev.tokenmeter.gateway.attribution;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Which callers' own keys have an id of their own. An id becomes a dimension of every rollup and anyone may send any
 * secret, so a key has one only once a provider has served it, and only so many have. Thread-safe.
 */
final class PassThroughIds {
    /** Of calls without a key. */
    static final String NONE = "pt_none";
    /** Of calls with a key that no provider has served yet. */
    static final String UNVERIFIED = "pt_unverified";
    /** Of calls with a key beyond the bound. */
    static final String OTHER = "pt_other";

    private final int max;
    private final Set<String> served = ConcurrentHashMap.newKeySet();

    /** @param max keys told apart */
    PassThroughIds(int max, MeterRegistry meters) {
        this.max = max;
        Gauge.builder("tokenmeter.gateway.pass.through.keys", served, Set::size)
                .description("Callers' own keys that have an id of their own, since the start")
                .strongReference(true)
                .register(meters);
    }

    /** Whether a provider has served a key before. */
    boolean isServed(String id) {
        return served.contains(id);
    }

    /** The id that a key will have once it is served: 64 bits of its SHA-256. */
    static String of(String secret) {
        return secret.isEmpty() ? NONE : "pt_" + Hashes.shortSha256(secret);
    }

    /**
     * The id to record a call under.
     *
     * @param id as {@link #of} gave it
     * @param nowServed whether a provider served this call
     */
    String recorded(String id, boolean nowServed) {
        if (id.equals(NONE) || served.contains(id)) {
            return id;
        } else if (!nowServed) {
            return UNVERIFIED;
        }
        return served.size() < max && served.add(id) ? id : served.contains(id) ? id : OTHER;
    }
}
