package dev.tokenmeter.pricing.snapshot;

import dev.tokenmeter.pricing.Names;
import dev.tokenmeter.pricing.Price;
import dev.tokenmeter.pricing.lists.PriceList;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** Puts the two lists together, provider by provider. */
final class Snapshot {
    /** Of the fresher list. */
    static final Set<String> CURRENT = Set.of(
            "openai",
            "anthropic",
            "gemini",
            "deepseek",
            "mistral",
            "groq",
            "xai",
            "cohere",
            "azure",
            "azure_ai",
            "bedrock");
    /** Of the list with dates. Its rules for Bedrock and Azure are too loose to name models by. */
    static final Set<String> DATED =
            Set.of("openai", "anthropic", "gemini", "deepseek", "mistral", "groq", "xai", "cohere", "openrouter");

    private final List<String> differences = new ArrayList<>();
    private final Instant seen;

    Snapshot(Instant seen) {
        this.seen = seen;
    }

    /** Models of which the lists say different things. */
    List<String> differences() {
        return differences;
    }

    List<Price> merge(PriceList dated, PriceList current) {
        Map<String, List<Price>> history = byProvider(dated, DATED);
        Map<String, List<Price>> fresh = byProvider(current, CURRENT);
        Set<String> providers = new TreeSet<>(history.keySet());
        providers.addAll(fresh.keySet());
        List<Price> all = new ArrayList<>();
        for (String provider : providers) {
            all.addAll(provider(
                    provider, history.getOrDefault(provider, List.of()), fresh.getOrDefault(provider, List.of())));
        }
        return numbered(grouped(all));
    }

    private static Map<String, List<Price>> byProvider(PriceList list, Set<String> providers) {
        return list.prices().stream()
                .filter(price -> providers.contains(price.provider()))
                .collect(Collectors.groupingBy(Price::provider, TreeMap::new, Collectors.toList()));
    }

    private List<Price> provider(String provider, List<Price> history, List<Price> fresh) {
        Map<String, List<Price>> freshByName = new TreeMap<>();
        fresh.forEach(price -> price.names()
                .models()
                .forEach(name -> freshByName
                        .computeIfAbsent(name, k -> new ArrayList<>())
                        .add(price)));
        Map<String, List<Price>> pastByName = new HashMap<>();
        history.forEach(price -> names(price)
                .forEach(name ->
                        pastByName.computeIfAbsent(name, k -> new ArrayList<>()).add(price)));
        List<Price> prices = new ArrayList<>();
        freshByName.forEach((name, current) -> {
            Timeline timeline = new Timeline(name, past(name, pastByName), current, seen);
            if (timeline.hasBoth() && !timeline.agrees()) {
                differences.add(provider + "/" + name + ": " + timeline.difference());
            }
            prices.addAll(timeline.prices());
        });
        for (Price price : history) {
            Names rest = without(price.names(), freshByName.keySet());
            if (rest != null) {
                prices.add(Copies.withNames(price, rest));
            }
        }
        return prices;
    }

    private static String undated(String name) {
        return name.replaceFirst("-(\\d{8}|\\d{4}-\\d{2}-\\d{2}|latest)$", "");
    }

    /** Under the name itself, or as a dated snapshot of one. */
    private static List<Price> past(String name, Map<String, List<Price>> byName) {
        List<Price> exact = byName.get(name);
        if (exact != null) {
            return exact;
        }
        String undated = undated(name);
        return byName.getOrDefault(undated, List.of()).stream()
                .filter(price -> price.names().datedModels().contains(undated))
                .toList();
    }

    private static Set<String> names(Price price) {
        Set<String> names = new HashSet<>(price.names().models());
        names.addAll(price.names().datedModels());
        return names;
    }

    private static Names without(Names names, Set<String> gone) {
        Set<String> models = new HashSet<>(names.models());
        Set<String> dated = new HashSet<>(names.datedModels());
        models.removeAll(gone);
        dated.removeAll(gone);
        return models.isEmpty() && dated.isEmpty() ? null : new Names(models, dated, Set.of());
    }

    /** Prices of a model and its snapshots that differ in nothing but the names become one. */
    private static List<Price> grouped(List<Price> prices) {
        Map<Price, Names> groups = new LinkedHashMap<>();
        for (Price price : prices) {
            Names family = Names.exactly(undated(price.names().first()));
            Price key = Copies.withId(Copies.withNames(price, family), "-");
            groups.merge(key, price.names(), Snapshot::together);
        }
        return groups.entrySet().stream()
                .map(group -> Copies.withNames(group.getKey(), group.getValue()))
                .toList();
    }

    private static Names together(Names one, Names other) {
        Set<String> models = new HashSet<>(one.models());
        models.addAll(other.models());
        Set<String> dated = new HashSet<>(one.datedModels());
        dated.addAll(other.datedModels());
        return new Names(models, dated, Set.of());
    }

    /** In order, each with an id that says what it is. */
    private static List<Price> numbered(List<Price> prices) {
        Set<String> ids = new HashSet<>();
        List<Price> list = new ArrayList<>();
        prices.stream()
                .sorted(Comparator.comparing(Price::provider)
                        .thenComparing(price -> price.names().first())
                        .thenComparing(price -> price.validity().from())
                        .thenComparing(price -> String.join(",", new TreeSet<>(price.serviceTiers())))
                        .thenComparing(price -> price.validity().hours().toString()))
                .forEach(price -> {
                    String id = id(price);
                    for (int copy = 2; !ids.add(id); copy++) {
                        id = id(price) + "#" + copy;
                    }
                    list.add(Copies.withId(price, id));
                });
        return list;
    }

    private static String id(Price price) {
        String tiers = price.serviceTiers().equals(Price.STANDARD_TIERS)
                ? ""
                : "+" + String.join("+", new TreeSet<>(price.serviceTiers()));
        return "shipped:" + price.provider() + "/" + price.names().first()
                + (price.validity().from().equals(Instant.EPOCH)
                        ? ""
                        : "@" + price.validity().from().toString().substring(0, 10))
                + (price.validity().hours().isEmpty() ? "" : "+hours")
                + tiers;
    }
}
