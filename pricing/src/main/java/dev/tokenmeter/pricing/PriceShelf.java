package dev.tokenmeter.pricing;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The prices of one provider, for one tenant or for everyone, of one source. A name that is listed exactly is priced by
 * what is listed under it or not at all; then come names without their date, then patterns.
 */
final class PriceShelf {
    private static final Comparator<Price> BEST_LAST = Comparator.comparing(
                    (Price price) -> !price.validity().hours().isEmpty())
            .thenComparing(price -> price.validity().from())
            .thenComparing(price -> price.provenance().recordedAt())
            .thenComparing(Price::id);

    /**
     * A price that was found.
     *
     * @param region region by which its rates are to be multiplied; null for none
     */
    record Match(Tariff tariff, String region) {}

    private record PatternTariff(String pattern, Tariff tariff) {}

    private final Map<String, List<Tariff>> exact = new HashMap<>();
    private final Map<String, List<Tariff>> dated = new HashMap<>();
    private final List<PatternTariff> patterns = new ArrayList<>();

    void add(Price price) {
        Tariff tariff = Tariff.of(price);
        addTo(exact, price.names().models(), tariff);
        addTo(exact, price.names().datedModels(), tariff);
        addTo(dated, price.names().datedModels(), tariff);
        price.names().patterns().forEach(pattern -> patterns.add(new PatternTariff(pattern, tariff)));
        patterns.sort(
                Comparator.comparingInt((PatternTariff each) -> each.pattern().length())
                        .reversed());
    }

    private static void addTo(Map<String, List<Tariff>> index, Set<String> names, Tariff tariff) {
        for (String name : names) {
            index.computeIfAbsent(name, k -> new ArrayList<>(1)).add(tariff);
        }
    }

    /** The best price in force, or null. */
    Match find(PriceQuery query, NameOf name) {
        // Azure's data zones and the like, where a list names the model by its region.
        List<Tariff> listed = query.region() == null ? null : exact.get(query.region() + "/" + name.model());
        if (listed == null) {
            listed = exact.get(name.model());
        }
        if (listed != null) {
            return best(listed, query);
        }
        for (ModelForms.Form form : name.forms()) {
            String region = form.region() == null ? query.region() : form.region();
            List<Tariff> known = exact.get(form.name());
            if (known == null && form.undated() != null) {
                known = dated.get(form.undated());
            }
            if (known != null) {
                return best(known, query, region, form.region() != null);
            }
        }
        return byPattern(query, name);
    }

    /** All that {@link #find} may find at any time, for any tier and region, and perhaps more. */
    List<Price> candidates(PriceQuery query, NameOf name) {
        List<Tariff> found = new ArrayList<>();
        found.addAll(exact.getOrDefault(query.region() + "/" + name.model(), List.of()));
        for (ModelForms.Form form : name.forms()) {
            found.addAll(exact.getOrDefault(form.name(), List.of()));
            if (form.undated() != null) {
                found.addAll(dated.getOrDefault(form.undated(), List.of()));
            }
        }
        patterns.stream()
                .filter(each -> Glob.matches(each.pattern(), name.model()))
                .forEach(each -> found.add(each.tariff()));
        return found.stream().map(Tariff::price).toList();
    }

    private Match byPattern(PriceQuery query, NameOf name) {
        String pattern = null;
        List<Tariff> matching = new ArrayList<>(2);
        for (PatternTariff each : patterns) {
            boolean same = each.pattern().equals(pattern);
            if (!same && Glob.matches(each.pattern(), name.model())) {
                Match found = best(matching, query);
                if (found != null) {
                    return found;
                }
                matching.clear();
                pattern = each.pattern();
                same = true;
            }
            if (same) {
                matching.add(each.tariff());
            }
        }
        return best(matching, query);
    }

    private static Match best(List<Tariff> candidates, PriceQuery query) {
        return best(candidates, query, query.region(), false);
    }

    /** @param stated whether a price must list the region to be the one that is meant */
    private static Match best(List<Tariff> candidates, PriceQuery query, String region, boolean stated) {
        Tariff best = null;
        for (Tariff candidate : candidates) {
            Price price = candidate.price();
            if (price.isForTier(query.tierOrDefault())
                    && price.validity().contains(query.at())
                    && (stated ? price.regions().containsKey(region) : price.isForRegion(region))
                    && (best == null || BEST_LAST.compare(price, best.price()) > 0)) {
                best = candidate;
            }
        }
        return best == null ? null : new Match(best, best.price().regions().isEmpty() ? null : region);
    }
}
