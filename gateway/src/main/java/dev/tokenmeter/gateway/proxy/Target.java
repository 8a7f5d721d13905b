package dev.tokenmeter.gateway.proxy;

import dev.tokenmeter.gateway.upstream.ProviderKey;
import dev.tokenmeter.gateway.upstream.Upstream;
import dev.tokenmeter.gateway.upstream.Upstreams;
import dev.tokenmeter.gateway.upstream.Weighted;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;

/**
 * Where one attempt goes.
 *
 * @param provider to whom
 * @param upstream which of its addresses
 * @param key which of its keys; null to leave the caller's own in place
 */
record Target(ProviderConfig provider, Upstream upstream, ProviderKey key) {
    /** All targets there are. Immutable. */
    static final class Table {
        private final Map<String, ProviderConfig> providers;
        private final Map<String, List<Target>> withKeys = new HashMap<>();
        private final Map<String, List<Target>> withoutKeys = new HashMap<>();

        Table(List<ProviderConfig> providers, Upstreams upstreams) {
            this.providers = ProviderConfig.byName(providers);
            for (ProviderConfig provider : providers) {
                List<Upstream> addresses = upstreams.of(provider.name());
                withKeys.put(provider.name(), withKeys(provider, addresses));
                withoutKeys.put(provider.name(), withoutKeys(provider, addresses));
            }
        }

        /**
         * A provider's; empty when it has no key, which a virtual key needs.
         *
         * @param virtual whether the call came with a key of the gateway's own
         */
        private List<Target> of(String provider, boolean virtual) {
            return (virtual ? withKeys : withoutKeys).get(provider);
        }

        /**
         * What a call may be sent to: its provider's targets, then those of each fallback, which only calls with virtual
         * keys have, since a caller's own key is for one provider.
         *
         * @param editable whether the request can be sent with another model's name
         */
        List<List<Target>> tiers(Call call, boolean editable) {
            ProviderConfig own = call.provider();
            List<Target> first = reached(call, own.name());
            if (!call.virtual() || own.fallback().isEmpty()) {
                return List.of(first);
            }
            List<List<Target>> tiers = new ArrayList<>();
            tiers.add(first);
            for (String fallback : own.fallback()) {
                boolean fits =
                        editable || providers.get(fallback).fallbackModels().isEmpty();
                if (fits && call.policy().denies(fallback, call.operation()).isEmpty()) {
                    tiers.add(reached(call, fallback));
                }
            }
            return tiers;
        }

        private List<Target> reached(Call call, String provider) {
            List<Target> all = of(provider, call.virtual());
            String keyId = call.virtual() ? call.policy().providerKey(provider) : null;
            return keyId == null
                    ? all
                    : all.stream()
                            .filter(target -> target.key().id().equals(keyId))
                            .toList();
        }

        private static List<Target> withKeys(ProviderConfig provider, List<Upstream> addresses) {
            List<Target> targets = new ArrayList<>();
            for (Upstream address : addresses) {
                ProviderKey own = address.config().key();
                List<ProviderKey> keys = own == null ? provider.keys() : List.of(own);
                keys.forEach(key -> targets.add(new Target(provider, address, key)));
            }
            return List.copyOf(targets);
        }

        /** A caller's own key need not be known at an address that has a key to itself. */
        private static List<Target> withoutKeys(ProviderConfig provider, List<Upstream> addresses) {
            boolean some =
                    addresses.stream().anyMatch(address -> address.config().key() == null);
            return addresses.stream()
                    .filter(address -> !some || address.config().key() == null)
                    .map(address -> new Target(provider, address, null))
                    .toList();
        }
    }

    /** One of several of the same provider: an address by its weight, then a key by its own. */
    static Target choose(List<Target> candidates, RandomGenerator random) {
        if (candidates.size() == 1) {
            return candidates.get(0);
        }
        List<Upstream> addresses =
                candidates.stream().map(Target::upstream).distinct().toList();
        Upstream address =
                Weighted.choose(addresses, upstream -> upstream.config().weight(), random);
        List<Target> there = candidates.stream()
                .filter(target -> target.upstream() == address)
                .toList();
        return Weighted.choose(
                there, target -> target.key() == null ? 1 : target.key().weight(), random);
    }
}
