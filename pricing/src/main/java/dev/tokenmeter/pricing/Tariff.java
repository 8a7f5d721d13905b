package dev.tokenmeter.pricing;

import dev.tokenmeter.schemas.TokenKind;
import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.ToLongFunction;

/**
 * A price made ready for use: its rates times its exchange rate, its region's factor and the factors of those prices
 * that were laid on it. Immutable and thread-safe.
 */
public final class Tariff {
    private final String id;
    private final Price price;
    private final BigDecimal factor;
    private final BigDecimal regionFactor;
    private final long[] edges;
    private final UsdRates[] rates;

    private Tariff(String id, Price price, BigDecimal factor, BigDecimal regionFactor) {
        this.id = id;
        this.price = price;
        this.factor = factor;
        this.regionFactor = regionFactor;
        List<ContextTier> tiers = price.contextTiers();
        this.edges = tiers.stream().mapToLong(ContextTier::fromInputTokens).toArray();
        this.rates = new UsdRates[edges.length + 1];
        Rates below = price.rates();
        rates[0] = usd(below);
        for (int i = 0; i < edges.length; i++) {
            Rates listed = tiers.get(i).rates();
            below = listed.isEmpty() ? listed : listed.over(below);
            rates[i + 1] = usd(below);
        }
    }

    static Tariff of(Price price) {
        return new Tariff(price.id(), price, price.exchange().usd(), BigDecimal.ONE);
    }

    private UsdRates usd(Rates listed) {
        return UsdRates.of(listed, factor.multiply(regionFactor), factor);
    }

    /** The same under factors of other prices, the outermost first, and of a region (null for none). */
    Tariff under(List<Price> factors, String region) {
        BigDecimal product = factor;
        StringBuilder name = new StringBuilder();
        for (Price each : factors) {
            product = product.multiply(each.factor());
            name.append(each.id()).append(" on ");
        }
        BigDecimal ofRegion = region == null ? BigDecimal.ONE : price.regions().getOrDefault(region, BigDecimal.ONE);
        return new Tariff(name.append(id).toString(), price, product, ofRegion);
    }

    /** The same with all rates multiplied, and those of tokens once more. */
    public Tariff times(BigDecimal all, BigDecimal ofTokens) {
        return new Tariff(id, price, factor.multiply(all), regionFactor.multiply(ofTokens));
    }

    /** Stands in events: the price's id, after the ids of the prices whose factors were laid on it. */
    public String id() {
        return id;
    }

    /** The price that the rates are from. */
    public Price price() {
        return price;
    }

    /**
     * What a usage costs; null when a quantity above zero has no rate, as a part of a cost would pass for the whole.
     *
     * @param contextTokens input tokens that decide on the context tier
     * @param tokens how many there are of each kind
     * @param units how many there are of each other unit
     * @param requests how often a fee per call is due
     */
    public Cost cost(
            long contextTokens, ToLongFunction<TokenKind> tokens, Map<String, BigDecimal> units, long requests) {
        UsdRates inForce = ratesFor(contextTokens);
        return inForce.isEmpty() ? null : inForce.cost(tokens, units, requests);
    }

    /** Names of those quantities above zero that have no rate; all of them in a context tier whose rates are not known. */
    public Set<String> unpriced(long contextTokens, ToLongFunction<TokenKind> tokens, Map<String, BigDecimal> units) {
        return ratesFor(contextTokens).unpriced(tokens, units);
    }

    /** Whether tokens of a kind have a rate. */
    public boolean prices(TokenKind kind, long contextTokens) {
        return ratesFor(contextTokens).prices(kind);
    }

    /** Whether calls of so many input tokens, the upper bound exclusive, fall into more than one context tier. */
    public boolean changesWithin(long contextFrom, long contextBelow) {
        for (long edge : edges) {
            if (edge > contextFrom && edge < contextBelow) {
                return true;
            }
        }
        return false;
    }

    /** Whether it makes the same cost of everything. */
    public boolean isSameAs(Tariff other) {
        return price == other.price
                && factor.compareTo(other.factor) == 0
                && regionFactor.compareTo(other.regionFactor) == 0;
    }

    private UsdRates ratesFor(long contextTokens) {
        int tier = 0;
        while (tier < edges.length && contextTokens >= edges[tier]) {
            tier++;
        }
        return rates[tier];
    }
}
