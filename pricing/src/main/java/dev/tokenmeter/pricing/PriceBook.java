package dev.tokenmeter.pricing;

import dev.tokenmeter.schemas.UsageEvent;
import dev.tokenmeter.schemas.UsageEvents;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/**
 * Prices of several sources in layers: a tenant's own first, then everyone's in the order of {@link PriceSource}. A factor
 * multiplies what the layers after it charge. Immutable and thread-safe; {@link #with} replaces one source and keeps the
 * others as they are indexed. A lookup is a hash probe in each source for a name that is listed.
 */
public final class PriceBook implements Pricer {
    private static final String SHIPPED = "/prices/shipped.json";
    private static final List<PriceSource> ORDER = List.of(PriceSource.values());
    /** Made again when used again: bounds memory whatever tenants and factors there are. */
    private static final int MAX_DERIVED = 4_096;

    private final Map<PriceSource, PriceIndex> sources;
    private final ProviderNames names;
    /** Comes before all sources, for every tenant. */
    private final PriceIndex supposed;

    private final Map<DerivedKey, Tariff> derived = new ConcurrentHashMap<>();

    private record DerivedKey(Tariff tariff, List<Price> factors, String region) {
        @Override
        public boolean equals(Object other) {
            return other instanceof DerivedKey key
                    && tariff == key.tariff
                    && factors.equals(key.factors)
                    && Objects.equals(region, key.region);
        }

        @Override
        public int hashCode() {
            return System.identityHashCode(tariff) * 31 + (region == null ? 0 : region.hashCode());
        }
    }

    private PriceBook(Map<PriceSource, PriceIndex> sources, ProviderNames names, PriceIndex supposed) {
        this.sources = new EnumMap<>(sources);
        this.names = names;
        this.supposed = supposed;
    }

    /** Knows no price. */
    public static PriceBook empty() {
        return new PriceBook(new EnumMap<>(PriceSource.class), ProviderNames.NONE, PriceIndex.EMPTY);
    }

    /** The snapshot that comes with Tokenmeter; its file names where each figure is from. */
    public static PriceBook shipped() {
        try (InputStream in = PriceBook.class.getResourceAsStream(SHIPPED)) {
            return empty().with(PriceSource.SHIPPED, PriceFile.read(in, "shipped"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** This book with all prices of one source replaced. */
    public PriceBook with(PriceSource source, Collection<Price> prices) {
        Map<PriceSource, PriceIndex> replaced = new EnumMap<>(PriceSource.class);
        replaced.putAll(sources);
        replaced.put(source, new PriceIndex(prices));
        return new PriceBook(replaced, names, supposed);
    }

    /** This book under what the configuration says about names. */
    public PriceBook with(ProviderNames configured) {
        return new PriceBook(sources, configured, supposed);
    }

    /** This book as it would be if these prices, for everyone, came before all others, tenants' own included. */
    public PriceBook supposing(Collection<Price> prices) {
        return new PriceBook(sources, names, new PriceIndex(prices));
    }

    /** Tenants that have prices of their own. */
    public Set<String> tenants() {
        Set<String> tenants = new TreeSet<>();
        sources.values().forEach(index -> tenants.addAll(index.tenants()));
        return tenants;
    }

    /** Numbers of input tokens at which the context tiers of its prices begin, rising. */
    public SortedSet<Long> contextEdges() {
        SortedSet<Long> edges = new TreeSet<>();
        Stream.concat(sources.values().stream(), Stream.of(supposed))
                .flatMap(index -> index.prices().stream())
                .flatMap(price -> price.contextTiers().stream())
                .forEach(tier -> edges.add(tier.fromInputTokens()));
        return edges;
    }

    /**
     * Whether rates are listed for a model, whatever the time, the tier and the region that they are for.
     *
     * @param tenant whose own prices count too; empty for nobody's
     */
    public boolean lists(String tenant, String provider, String model) {
        PriceQuery query = new PriceQuery(tenant, provider, model, null, null, Instant.EPOCH);
        return candidates(query).stream().anyMatch(price -> price.factor() == null);
    }

    /**
     * When another price may come to hold, or cease to, for calls such as the one that is asked about: at each of these
     * moments, and between no two of them. Some may change nothing.
     *
     * @param query its time is the beginning, exclusive
     * @param until exclusive
     */
    public SortedSet<Instant> changes(PriceQuery query, Instant until) {
        SortedSet<Instant> changes = new TreeSet<>();
        candidates(query).forEach(price -> price.validity().addChanges(query.at(), until, changes));
        return changes;
    }

    private List<Price> candidates(PriceQuery query) {
        String catalogueName = names.provider(query.provider());
        NameOf name = new NameOf(names.model(query.provider(), query.model()));
        List<Price> found = new ArrayList<>(supposed.candidates(PriceIndex.EVERYONE, query, catalogueName, name));
        for (PriceIndex index : sources.values()) {
            found.addAll(index.candidates(PriceIndex.EVERYONE, query, catalogueName, name));
            if (!query.tenant().isEmpty()) {
                found.addAll(index.candidates(query.tenant(), query, catalogueName, name));
            }
        }
        return found;
    }

    /** The prices of one source. */
    public List<Price> prices(PriceSource source) {
        return sources.getOrDefault(source, PriceIndex.EMPTY).prices();
    }

    /** What holds for a call, if any price is known that may be used for it. */
    public Optional<Tariff> find(PriceQuery query) {
        String model = names.model(query.provider(), query.model());
        Lookup lookup = new Lookup(query, names.provider(query.provider()), new NameOf(model));
        return Optional.ofNullable(lookup.run());
    }

    @Override
    public UsageEvent price(UsageEvent event) {
        return price(event, false);
    }

    @Override
    public UsageEvent priceFresh(UsageEvent event) {
        return price(event, true);
    }

    private UsageEvent price(UsageEvent event, boolean fresh) {
        if (UsageEvents.lacksUsage(event)) {
            return event;
        }
        Tariff tariff = find(PriceQuery.of(event)).orElse(null);
        if (tariff == null) {
            return event;
        }
        Cost cost = tariff.cost(
                UsageEvents.contextTokens(event),
                kind -> kind.of(event),
                event.getUnits(),
                UsageEvents.owesFee(event) ? 1 : 0);
        if (cost == null) {
            return event;
        }
        Exchange exchange = tariff.price().exchange();
        return UsageEvents.setCost(
                fresh ? event : UsageEvents.copyOf(event),
                cost.usd(),
                cost.parts(),
                tariff.id(),
                exchange.currency(),
                exchange.equals(Exchange.USD) ? null : exchange.usd());
    }

    /** One walk through the layers. */
    private final class Lookup {
        private final PriceQuery query;
        private final String catalogueName;
        private final NameOf name;
        private List<Price> factors = List.of();

        Lookup(PriceQuery query, String catalogueName, NameOf name) {
            this.query = query;
            this.catalogueName = catalogueName;
            this.name = name;
        }

        Tariff run() {
            Tariff first = layer(supposed, PriceIndex.EVERYONE);
            if (first == null && !query.tenant().isEmpty()) {
                first = layers(query.tenant());
            }
            return first != null ? first : layers(PriceIndex.EVERYONE);
        }

        private Tariff layers(String tenant) {
            for (PriceSource source : ORDER) {
                PriceIndex index = sources.get(source);
                Tariff found = index == null ? null : layer(index, tenant);
                if (found != null) {
                    return found;
                }
            }
            return null;
        }

        /** Null where there are no rates; a factor is kept for those that a later layer has. */
        private Tariff layer(PriceIndex index, String tenant) {
            PriceShelf.Match match = index.find(tenant, query, catalogueName, name);
            if (match == null) {
                return null;
            }
            if (match.tariff().price().factor() == null) {
                return finished(match);
            }
            factors = new ArrayList<>(factors);
            factors.add(match.tariff().price());
            return null;
        }

        private Tariff finished(PriceShelf.Match match) {
            if (factors.isEmpty() && match.region() == null) {
                return match.tariff();
            }
            DerivedKey key = new DerivedKey(match.tariff(), factors, match.region());
            Tariff known = derived.get(key);
            if (known == null) {
                known = match.tariff().under(factors, match.region());
                if (derived.size() < MAX_DERIVED) {
                    derived.put(key, known);
                }
            }
            return known;
        }
    }
}
