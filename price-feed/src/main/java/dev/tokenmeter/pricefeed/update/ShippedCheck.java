package dev.tokenmeter.pricefeed.update;

import dev.tokenmeter.pricing.Names;
import dev.tokenmeter.pricing.Price;
import dev.tokenmeter.pricing.PriceBook;
import dev.tokenmeter.pricing.PriceQuery;
import dev.tokenmeter.pricing.Rates;
import dev.tokenmeter.pricing.Tariff;
import dev.tokenmeter.pricing.lists.PriceChange;
import dev.tokenmeter.pricing.lists.PriceChanges;
import dev.tokenmeter.pricing.lists.PriceList;
import dev.tokenmeter.schemas.TokenKind;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Holds a price that a list names for the first time against the shipped one: it might be off from the beginning. */
final class ShippedCheck {
    private final PriceBook shipped;
    private final Instant now;

    /** @param shipped knows the shipped prices and no others */
    ShippedCheck(PriceBook shipped, Instant now) {
        this.shipped = shipped;
        this.now = now;
    }

    /** The shipped price in force for what a price is for, if there is one. */
    Optional<Price> shipped(Price price) {
        boolean standard =
                price.serviceTiers().isEmpty() || price.serviceTiers().contains("default");
        String tier = standard
                ? null
                : price.serviceTiers().stream().sorted().findFirst().orElseThrow();
        return shipped.find(new PriceQuery("", price.provider(), price.names().first(), tier, null, now))
                .map(Tariff::price);
    }

    /** What is not to be believed in a price, beside the shipped one; only rates that both have are compared. */
    Optional<String> doubt(Price price, Price shippedPrice) {
        Rates both = common(shippedPrice.rates(), price.rates());
        if ((both.perMillionTokens().isEmpty() && both.perUnit().isEmpty())
                || !price.exchange().equals(shippedPrice.exchange())) {
            return Optional.empty();
        }
        Price before = bare(price, both);
        Price after = bare(price, common(price.rates(), shippedPrice.rates()));
        return PriceChanges.between(List.of(before), new PriceList(List.of(after), List.of())).held().stream()
                .findFirst()
                .map(PriceChange::what)
                .map(what -> "beside the shipped price " + what);
    }

    private static Price bare(Price price, Rates rates) {
        return Price.builder(
                        "compared",
                        price.provider(),
                        Names.exactly(price.names().first()))
                .rates(rates)
                .build();
    }

    private static Rates common(Rates rates, Rates other) {
        Map<TokenKind, BigDecimal> tokens = new HashMap<>(rates.perMillionTokens());
        tokens.keySet().retainAll(other.perMillionTokens().keySet());
        Map<String, BigDecimal> units = new HashMap<>(rates.perUnit());
        units.keySet().retainAll(other.perUnit().keySet());
        return new Rates(tokens, units);
    }
}
