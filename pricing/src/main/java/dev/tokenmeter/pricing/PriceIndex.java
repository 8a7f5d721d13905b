package dev.tokenmeter.pricing;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;

/** The prices of one source, found by tenant and provider. Immutable once made. */
final class PriceIndex {
    static final String EVERYONE = "";
    static final PriceIndex EMPTY = new PriceIndex(List.of());

    private final List<Price> prices;
    private final Map<String, Map<String, PriceShelf>> byTenant = new HashMap<>();

    PriceIndex(Collection<Price> prices) {
        this.prices = List.copyOf(prices);
        for (Price price : this.prices) {
            byTenant.computeIfAbsent(price.tenant(), k -> new HashMap<>())
                    .computeIfAbsent(price.provider(), k -> new PriceShelf())
                    .add(price);
        }
    }

    List<Price> prices() {
        return prices;
    }

    Set<String> tenants() {
        Set<String> tenants = new HashSet<>(byTenant.keySet());
        tenants.remove(EVERYONE);
        return tenants;
    }

    /** What {@link #find} may find at some time, for some tier and region, and perhaps more. */
    List<Price> candidates(String tenant, PriceQuery query, String catalogueName, NameOf name) {
        Map<String, PriceShelf> shelves = byTenant.getOrDefault(tenant, Map.of());
        List<Price> found = new ArrayList<>();
        Stream.of(query.provider(), catalogueName, Price.ANY)
                .distinct()
                .map(shelves::get)
                .filter(Objects::nonNull)
                .forEach(shelf -> found.addAll(shelf.candidates(query, name)));
        return found;
    }

    /**
     * @param catalogueName what the catalogue calls the provider
     * @return null where there is none
     */
    PriceShelf.Match find(String tenant, PriceQuery query, String catalogueName, NameOf name) {
        Map<String, PriceShelf> shelves = byTenant.get(tenant);
        if (shelves == null) {
            return null;
        }
        PriceShelf.Match match = find(shelves.get(query.provider()), query, name);
        if (match == null && !catalogueName.equals(query.provider())) {
            match = find(shelves.get(catalogueName), query, name);
        }
        return match != null ? match : find(shelves.get(Price.ANY), query, name);
    }

    private static PriceShelf.Match find(PriceShelf shelf, PriceQuery query, NameOf name) {
        return shelf == null ? null : shelf.find(query, name);
    }
}
