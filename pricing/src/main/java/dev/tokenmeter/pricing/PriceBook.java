package dev.tokenmeter.pricing;

import dev.tokenmeter.schemas.TokenKind;
import dev.tokenmeter.schemas.UsageEvent;
import dev.tokenmeter.schemas.UsageEvents;
import dev.tokenmeter.schemas.UsageSource;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Prices of several sources in layers: a tenant's own first, then everyone's in the order of {@link PriceSource}. A factor
 * multiplies what the layers after it charge. Immutable and thread-safe; {@link #with} replaces one source and keeps the
 * others as they are indexed. A lookup is a hash probe in each source for a name that is listed.
 */
public final class PriceBook implements Pricer {
    private static final String SHIPPED = "/prices/shipped.json";
    private static final List<PriceSource> ORDER = List.of(PriceSource.values());
    private static final TokenKind[] KINDS = TokenKind.values();
    /** Units that are input tokens too, though no {@link TokenKind} of their own. */
    private static final Set<String> CONTEXT_UNITS = Set.of("cache_read_audio_tokens", "cache_read_image_tokens");
    /** Made again when used again: bounds memory whatever tenants and factors there are. */
    private static final int MAX_DERIVED = 4_096;

    private final Map<PriceSource, PriceIndex> sources;
    private final ProviderNames names;
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

    private PriceBook(Map<PriceSource, PriceIndex> sources, ProviderNames names) {
        this.sources = new EnumMap<>(sources);
        this.names = names;
    }

    /** Knows no price. */
    public static PriceBook empty() {
        return new PriceBook(new EnumMap<>(PriceSource.class), ProviderNames.NONE);
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
        return new PriceBook(replaced, names);
    }

    /** This book under what the configuration says about names. */
    public PriceBook with(ProviderNames configured) {
        return new PriceBook(sources, configured);
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
        if (UsageEvents.lacksUsage(event)) {
            return event;
        }
        Tariff tariff = find(PriceQuery.of(event)).orElse(null);
        if (tariff == null) {
            return event;
        }
        Cost cost = tariff.cost(contextTokens(event), kind -> kind.of(event), event.getUnits(), requests(event));
        if (cost == null) {
            return event;
        }
        Exchange exchange = tariff.price().exchange();
        return UsageEvents.withCost(
                event,
                cost.usd(),
                cost.parts(),
                tariff.id(),
                exchange.currency(),
                exchange.equals(Exchange.USD) ? null : exchange.usd());
    }

    private static long requests(UsageEvent event) {
        Integer status = event.getHttpStatus();
        boolean served = event.getUsageSource() != UsageSource.none || (status != null && status / 100 == 2);
        return served && UsageEvents.BILLED_OPERATIONS.contains(event.getOperation()) ? 1 : 0;
    }

    private static long contextTokens(UsageEvent event) {
        long total = 0;
        for (TokenKind kind : KINDS) {
            if (kind.isInput()) {
                total = Math.addExact(total, kind.of(event));
            }
        }
        if (!event.getUnits().isEmpty()) {
            for (String unit : CONTEXT_UNITS) {
                total = Math.addExact(
                        total,
                        event.getUnits().getOrDefault(unit, BigDecimal.ZERO).longValue());
            }
        }
        return total;
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
            Tariff own = query.tenant().isEmpty() ? null : layers(query.tenant());
            return own != null ? own : layers(PriceIndex.EVERYONE);
        }

        private Tariff layers(String tenant) {
            for (PriceSource source : ORDER) {
                PriceIndex index = sources.get(source);
                PriceShelf.Match match = index == null ? null : index.find(tenant, query, catalogueName, name);
                if (match == null) {
                    continue;
                }
                if (match.tariff().price().factor() == null) {
                    return finished(match);
                }
                factors = new ArrayList<>(factors);
                factors.add(match.tariff().price());
            }
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
