package dev.tokenmeter.pricing;

import dev.tokenmeter.schemas.TokenKind;
import dev.tokenmeter.schemas.UsageEvent;
import dev.tokenmeter.schemas.UsageEvents;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Prices from one or more sources, the first source that has one for a call winning. Immutable and thread-safe; a lookup
 * is a hash probe for an exact name and a scan of the provider's prefixes otherwise.
 */
public final class PriceBook implements Pricer {
    private static final String SHIPPED = "/prices/shipped.json";
    private static final String STANDARD_TIER = "default";

    private final List<Source> sources;

    private PriceBook(List<Source> sources) {
        this.sources = List.copyOf(sources);
    }

    /** The snapshot that comes with Tokenmeter; its file names where each figure is from. */
    public static PriceBook shipped() {
        return of(List.of(shippedPrices()));
    }

    /** The operator's own prices before the shipped ones. */
    public static PriceBook withOverrides(List<Price> overrides) {
        return of(List.of(overrides, shippedPrices()));
    }

    /** Sources by falling precedence. */
    public static PriceBook of(List<List<Price>> sources) {
        return new PriceBook(sources.stream().map(Source::new).toList());
    }

    private static List<Price> shippedPrices() {
        try (InputStream in = PriceBook.class.getResourceAsStream(SHIPPED)) {
            return PriceFile.read(in, "shipped");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The price in force for a model and service tier (null for none stated) at a time, if any is known. */
    public Optional<Price> find(String provider, String model, String serviceTier, Instant at) {
        return sources.stream()
                .flatMap(source -> source.find(provider, model, serviceTier, at).stream())
                .findFirst();
    }

    @Override
    public UsageEvent price(UsageEvent event) {
        if (UsageEvents.lacksUsage(event)) {
            return event;
        }
        return find(event.getProvider(), event.getModel(), event.getServiceTier(), event.getOccurredAt())
                .flatMap(price ->
                        Cost.of(event, price.ratesFor(inputTokens(event))).map(cost -> priced(event, price, cost)))
                .orElse(event);
    }

    private static UsageEvent priced(UsageEvent event, Price price, Cost cost) {
        return UsageEvent.newBuilder(event)
                .setCostUsd(cost.usd())
                .setCostParts(cost.parts())
                .setPriceId(price.id())
                .build();
    }

    private static long inputTokens(UsageEvent event) {
        long total = 0;
        for (TokenKind kind : TokenKind.values()) {
            if (kind.isInput()) {
                total = Math.addExact(total, kind.of(event));
            }
        }
        return total;
    }

    private static final class Source {
        private static final Comparator<Price> BEST_LAST =
                Comparator.comparing((Price price) -> price.hours() != null).thenComparing(Price::from);

        private final Map<String, List<Price>> byExactName = new HashMap<>();
        private static final Pattern DATE = Pattern.compile("-(\\d{8}|\\d{4}-\\d{2}-\\d{2})$");

        private final Map<String, List<Price>> byDatedName = new HashMap<>();
        private final Map<String, List<PrefixPrice>> byProvider = new HashMap<>();

        private record PrefixPrice(String prefix, Price price) {}

        Source(List<Price> prices) {
            for (Price price : prices) {
                addTo(byExactName, price, price.models());
                addTo(byDatedName, price, price.datedModels());
                for (String prefix : price.prefixes()) {
                    byProvider
                            .computeIfAbsent(price.provider(), k -> new ArrayList<>())
                            .add(new PrefixPrice(prefix, price));
                }
            }
        }

        private static void addTo(Map<String, List<Price>> index, Price price, Set<String> models) {
            for (String model : models) {
                index.computeIfAbsent(key(price.provider(), model), k -> new ArrayList<>())
                        .add(price);
            }
        }

        Optional<Price> find(String provider, String model, String serviceTier, Instant at) {
            List<Price> candidates = candidates(provider, model);
            String tier = serviceTier == null ? STANDARD_TIER : serviceTier;
            return candidates.stream()
                    .filter(price -> price.serviceTiers().contains(tier) && price.holdsAt(at))
                    .max(BEST_LAST);
        }

        private List<Price> candidates(String provider, String model) {
            List<Price> exact = byExactName.get(key(provider, model));
            if (exact != null) {
                return exact;
            }
            Matcher date = DATE.matcher(model);
            List<Price> dated = date.find() ? byDatedName.get(key(provider, model.substring(0, date.start()))) : null;
            return dated != null ? dated : byLongestPrefix(provider, model);
        }

        private List<Price> byLongestPrefix(String provider, String model) {
            List<PrefixPrice> matching = byProvider.getOrDefault(provider, List.of()).stream()
                    .filter(candidate -> model.startsWith(candidate.prefix()))
                    .toList();
            int longest = matching.stream()
                    .mapToInt(candidate -> candidate.prefix().length())
                    .max()
                    .orElse(0);
            return matching.stream()
                    .filter(candidate -> candidate.prefix().length() == longest)
                    .map(PrefixPrice::price)
                    .toList();
        }

        private static String key(String provider, String model) {
            return provider + '\n' + model;
        }
    }
}
