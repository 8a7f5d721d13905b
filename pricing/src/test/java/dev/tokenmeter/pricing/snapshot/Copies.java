package dev.tokenmeter.pricing.snapshot;

import dev.tokenmeter.pricing.ContextTier;
import dev.tokenmeter.pricing.Names;
import dev.tokenmeter.pricing.Price;
import dev.tokenmeter.pricing.Rates;
import dev.tokenmeter.pricing.Validity;
import java.util.List;
import java.util.Set;

/** Prices with something exchanged. */
final class Copies {
    private Copies() {}

    static Price of(Price price, Names names, Validity validity, Rates rates) {
        return copy(price, price.id(), names, validity, rates);
    }

    static Price withId(Price price, String id) {
        return copy(price, id, price.names(), price.validity(), price.rates());
    }

    static Price withNames(Price price, Names names) {
        return copy(price, price.id(), names, price.validity(), price.rates());
    }

    static Price withContextTiers(Price price, List<ContextTier> tiers) {
        return copy(price, price.id(), price.names(), price.validity(), price.rates(), tiers);
    }

    private static Price copy(Price price, String id, Names names, Validity validity, Rates rates) {
        return copy(price, id, names, validity, rates, price.contextTiers());
    }

    private static Price copy(
            Price price, String id, Names names, Validity validity, Rates rates, List<ContextTier> contextTiers) {
        return new Price(
                id,
                price.tenant(),
                price.provider(),
                names,
                validity,
                price.serviceTiers().equals(Price.STANDARD_TIERS)
                        ? Price.STANDARD_TIERS
                        : Set.copyOf(price.serviceTiers()),
                price.regions(),
                rates,
                contextTiers,
                price.exchange(),
                price.factor(),
                price.provenance());
    }
}
