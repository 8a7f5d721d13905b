package dev.tokenmeter.pricing.snapshot;

import dev.tokenmeter.pricing.ContextTier;
import dev.tokenmeter.pricing.Names;
import dev.tokenmeter.pricing.Price;
import dev.tokenmeter.pricing.Rates;
import dev.tokenmeter.pricing.Validity;
import dev.tokenmeter.pricing.lists.PriceLists;
import dev.tokenmeter.schemas.TokenKind;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What is known of one model at one provider: what a list with dates says about the past, and what a fresher list says
 * about now. Where both agree on now, the fresher entry holds from the date of the older; where they differ, the older
 * holds until the day on which the difference was seen.
 */
final class Timeline {
    private static final List<TokenKind> MAIN = List.of(TokenKind.UNCACHED_INPUT, TokenKind.TEXT_OUTPUT);

    private final String model;
    private final List<Price> history;
    private final List<Price> current;
    private final Instant seen;

    /**
     * @param history prices of the model from the list with dates, whatever other names they have
     * @param current prices of the model in the fresher list, by service tier
     */
    Timeline(String model, List<Price> history, List<Price> current, Instant seen) {
        this.model = model;
        this.history = history;
        this.current = current;
        this.seen = seen;
    }

    /** Whether both lists say the same of the model's present rates. */
    boolean agrees() {
        Price last = last();
        Price standard = standard();
        return last != null
                && standard != null
                && history.stream().allMatch(price -> price.validity().hours().isEmpty())
                && MAIN.stream().allMatch(kind -> same(last.rates(), standard.rates(), kind));
    }

    boolean hasBoth() {
        return !history.isEmpty() && standard() != null;
    }

    /** The model's prices under its own name, from the beginning until now. */
    List<Price> prices() {
        if (history.isEmpty()) {
            return current;
        }
        List<Price> prices = new ArrayList<>();
        boolean agrees = agrees();
        Price last = last();
        Instant from = agrees ? last.validity().from() : seen;
        for (Price price : history) {
            if (agrees && price == last) {
                continue;
            }
            Instant until = price.validity().until();
            Instant end = until == null || until.isAfter(from) ? from : until;
            if (price.validity().from().isBefore(end)) {
                prices.add(rebuilt(price, price.validity().from(), end, price.rates()));
            }
        }
        for (Price price : current) {
            prices.add(rebuilt(price, from, null, agrees ? completed(price, last) : price.rates()));
        }
        return prices;
    }

    /** What the fresher list does not say of the model: all other rates of the standard tier; of others, those of tools. */
    private Rates completed(Price price, Price last) {
        return price == standard()
                ? price.rates().over(last.rates())
                : price.rates().over(new Rates(Map.of(), tools(last.rates().perUnit())));
    }

    private static Map<String, BigDecimal> tools(Map<String, BigDecimal> units) {
        Map<String, BigDecimal> tools = new HashMap<>(units);
        tools.keySet().removeIf(unit -> unit.startsWith("cache_read"));
        return tools;
    }

    private Price rebuilt(Price price, Instant from, Instant until, Rates rates) {
        boolean dated =
                history.stream().anyMatch(each -> each.names().datedModels().contains(model));
        Names names =
                dated ? new Names(Set.of(), Set.of(model), Set.of()) : new Names(Set.of(model), Set.of(), Set.of());
        Price copy = Copies.of(
                price, names, new Validity(from, until, price.validity().hours()), rates);
        boolean knowsNoTiers =
                current.contains(price) && agrees() && price.contextTiers().isEmpty();
        return knowsNoTiers ? PriceLists.completed(Copies.withContextTiers(copy, tiersFor(price))) : copy;
    }

    /** Rates for long inputs that only the list with dates has; for other tiers than the standard one none are known. */
    private List<ContextTier> tiersFor(Price price) {
        return last().contextTiers().stream()
                .map(tier -> price == standard() ? tier : new ContextTier(tier.fromInputTokens(), Rates.NONE))
                .toList();
    }

    private Price last() {
        return history.stream()
                .filter(price -> price.validity().hours().isEmpty())
                .max(Comparator.comparing(price -> price.validity().from()))
                .orElse(null);
    }

    private Price standard() {
        return current.stream()
                .filter(price -> price.serviceTiers().equals(Price.STANDARD_TIERS)
                        && price.validity().hours().isEmpty())
                .findFirst()
                .orElse(null);
    }

    private static boolean same(Rates one, Rates other, TokenKind kind) {
        BigDecimal a = one.perMillionTokens().getOrDefault(kind, BigDecimal.ZERO);
        BigDecimal b = other.perMillionTokens().getOrDefault(kind, BigDecimal.ZERO);
        return a.compareTo(b) == 0;
    }

    /** In words: what either list says. */
    String difference() {
        return words(last()) + " there, " + words(standard()) + " here";
    }

    private static String words(Price price) {
        if (price == null) {
            return "nothing";
        }
        Map<TokenKind, BigDecimal> rates = price.rates().perMillionTokens();
        return rates.get(MAIN.get(0)) + " in and " + rates.get(MAIN.get(1)) + " out";
    }
}
