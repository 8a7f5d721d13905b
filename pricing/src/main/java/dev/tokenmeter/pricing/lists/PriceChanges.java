package dev.tokenmeter.pricing.lists;

import dev.tokenmeter.pricing.ContextTier;
import dev.tokenmeter.pricing.Price;
import dev.tokenmeter.pricing.Rates;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Compares an old list with a new one. What moves more than tenfold either way, falls to zero or rises from it, vanishes or
 * is malformed is held back: that is more often a slip of the list's keeper than a price. Nothing here applies anything.
 *
 * @param changes in the order of the new list, then what is gone from it
 */
public record PriceChanges(List<PriceChange> changes) {
    private static final BigDecimal MOST = BigDecimal.TEN;

    public PriceChanges {
        changes = List.copyOf(changes);
    }

    /** What is different; prices are the same if their ids are. */
    public static PriceChanges between(List<Price> old, PriceList list) {
        Map<String, Price> before = new LinkedHashMap<>();
        old.forEach(price -> before.put(price.id(), price));
        List<PriceChange> changes = new ArrayList<>();
        for (Price price : list.prices()) {
            Price known = before.remove(price.id());
            if (known == null) {
                changes.add(new PriceChange.Added(price));
            } else if (!saysTheSame(known, price)) {
                changes.add(moved(known, price));
            }
        }
        Map<String, String> unread = list.findings().stream()
                .filter(finding -> !finding.taken())
                .collect(Collectors.toMap(
                        PriceList.Finding::entry, PriceList.Finding::what, (one, other) -> one, HashMap::new));
        before.values().forEach(gone -> changes.add(gone(gone, unread)));
        return new PriceChanges(changes);
    }

    private static boolean saysTheSame(Price one, Price other) {
        return one.names().equals(other.names())
                && one.validity().equals(other.validity())
                && one.serviceTiers().equals(other.serviceTiers())
                && one.regions().equals(other.regions())
                && one.rates().equals(other.rates())
                && one.contextTiers().equals(other.contextTiers())
                && one.tenant().equals(other.tenant())
                && one.provider().equals(other.provider())
                && sameFactor(one.factor(), other.factor())
                && one.exchange().equals(other.exchange());
    }

    private static boolean sameFactor(BigDecimal one, BigDecimal other) {
        return one == null || other == null ? one == other : one.compareTo(other) == 0;
    }

    private static PriceChange gone(Price price, Map<String, String> unread) {
        for (String name : price.names().models()) {
            for (String entry : List.of(name, price.provider() + "/" + name)) {
                if (unread.containsKey(entry)) {
                    return new PriceChange.Malformed(price.id(), unread.get(entry));
                }
            }
        }
        return new PriceChange.Vanished(price);
    }

    private static PriceChange moved(Price before, Price after) {
        Map<String, BigDecimal> old = figures(before);
        Map<String, BigDecimal> now = figures(after);
        String what = "other names, times or tiers";
        BigDecimal most = BigDecimal.ZERO;
        boolean held = false;
        for (Map.Entry<String, BigDecimal> rate : old.entrySet()) {
            BigDecimal is = now.get(rate.getKey());
            if (is == null) {
                return new PriceChange.Moved(before, after, rate.getKey() + " vanished from the price", true);
            }
            if (is.compareTo(rate.getValue()) == 0) {
                continue;
            }
            BigDecimal high = is.max(rate.getValue());
            BigDecimal low = is.min(rate.getValue());
            BigDecimal move = low.signum() == 0 ? new BigDecimal("1E9") : high.divide(low, MathContext.DECIMAL64);
            held |= low.signum() == 0 || high.compareTo(low.multiply(MOST)) > 0;
            if (move.compareTo(most) > 0) {
                most = move;
                what = rate.getKey() + " from " + rate.getValue().toPlainString() + " to " + is.toPlainString();
            }
        }
        return new PriceChange.Moved(before, after, what, held);
    }

    /** Every rate by a name that says where it stands. */
    private static Map<String, BigDecimal> figures(Price price) {
        Map<String, BigDecimal> figures = new TreeMap<>();
        put(figures, price.rates(), "");
        for (ContextTier tier : price.contextTiers()) {
            put(figures, tier.rates(), " from " + tier.fromInputTokens() + " tokens on");
        }
        if (price.factor() != null) {
            figures.put("factor", price.factor());
        }
        figures.put("exchange_rate", price.exchange().usd());
        price.regions().forEach((region, factor) -> figures.put("region " + region, factor));
        return figures;
    }

    private static void put(Map<String, BigDecimal> figures, Rates rates, String where) {
        rates.perMillionTokens().forEach((kind, rate) -> figures.put(kind.field() + where, rate));
        rates.perUnit().forEach((unit, rate) -> figures.put(unit + where, rate));
    }

    /** What must be looked at first. */
    public List<PriceChange> held() {
        return changes.stream().filter(PriceChange::held).toList();
    }

    /** New prices and believable moves: what may be written down now. */
    public List<Price> accepted() {
        List<Price> prices = new ArrayList<>();
        for (PriceChange change : changes) {
            if (change instanceof PriceChange.Added added) {
                prices.add(added.price());
            } else if (change instanceof PriceChange.Moved moved && !moved.held()) {
                prices.add(moved.after());
            }
        }
        return prices;
    }

    /** The old list with what is accepted: what is held back stays as it was. */
    public List<Price> applied(List<Price> old) {
        Map<String, Price> prices = new LinkedHashMap<>();
        old.forEach(price -> prices.put(price.id(), price));
        accepted().forEach(price -> prices.put(price.id(), price));
        return List.copyOf(prices.values());
    }
}
