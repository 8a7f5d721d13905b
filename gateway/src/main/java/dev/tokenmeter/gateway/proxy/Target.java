package dev.tokenmeter.gateway.proxy;

import dev.tokenmeter.gateway.upstream.ProviderKey;
import dev.tokenmeter.gateway.upstream.Upstream;
import dev.tokenmeter.gateway.upstream.Weighted;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Where one attempt goes.
 *
 * @param provider to whom
 * @param upstream which of its addresses
 * @param key which of its keys; null to leave the caller's own in place
 */
record Target(ProviderConfig provider, Upstream upstream, ProviderKey key) {
    /**
     * One of a provider's addresses and keys, by weight.
     *
     * @param virtual whether the call came with a key of the gateway's own
     */
    static Target choose(ProviderConfig provider, List<Upstream> upstreams, boolean virtual) {
        List<Upstream> usable = virtual
                ? upstreams.stream()
                        .filter(upstream ->
                                !provider.keys().isEmpty() || upstream.config().key() != null)
                        .toList()
                : upstreams;
        ThreadLocalRandom random = ThreadLocalRandom.current();
        Upstream upstream =
                Weighted.choose(usable, candidate -> candidate.config().weight(), random);
        if (!virtual) {
            return new Target(provider, upstream, null);
        }
        ProviderKey own = upstream.config().key();
        return new Target(
                provider, upstream, own == null ? Weighted.choose(provider.keys(), ProviderKey::weight, random) : own);
    }
}
