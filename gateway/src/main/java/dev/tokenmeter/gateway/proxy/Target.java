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
     * One of a provider's addresses and keys, by weight. A call whose key names one of the provider's goes with that, and
     * so to no address that has a key of its own.
     */
    static Target choose(ProviderConfig provider, List<Upstream> upstreams, Call call) {
        String keyId = call.providerKey();
        List<ProviderKey> keys =
                keyId == null ? provider.keys() : provider.key(keyId).stream().toList();
        List<Upstream> usable = call.virtual()
                ? upstreams.stream()
                        .filter(upstream -> upstream.config().key() == null ? !keys.isEmpty() : keyId == null)
                        .toList()
                : upstreams;
        ThreadLocalRandom random = ThreadLocalRandom.current();
        Upstream upstream =
                Weighted.choose(usable, candidate -> candidate.config().weight(), random);
        if (!call.virtual()) {
            return new Target(provider, upstream, null);
        }
        ProviderKey own = upstream.config().key();
        return new Target(provider, upstream, own == null ? Weighted.choose(keys, ProviderKey::weight, random) : own);
    }
}
