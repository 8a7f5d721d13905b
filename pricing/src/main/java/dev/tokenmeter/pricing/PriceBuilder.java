package dev.tokenmeter.pricing;

import dev.tokenmeter.schemas.TokenKind;
import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Makes a {@link Price}: for everyone, always, in the standard tiers (a factor: in every tier), in USD, until told otherwise. */
public final class PriceBuilder {
    private final String id;
    private final String provider;
    private final Names names;
    private String tenant = "";
    private Validity validity = Validity.ALWAYS;
    private Set<String> serviceTiers;
    private Map<String, BigDecimal> regions = Map.of();
    private Rates rates = Rates.NONE;
    private List<ContextTier> contextTiers = List.of();
    private Exchange exchange = Exchange.USD;
    private BigDecimal factor;
    private Provenance provenance = Provenance.of("");

    PriceBuilder(String id, String provider, Names names) {
        this.id = id;
        this.provider = provider;
        this.names = names;
    }

    public PriceBuilder tenant(String value) {
        tenant = value;
        return this;
    }

    public PriceBuilder validity(Validity value) {
        validity = value;
        return this;
    }

    /** Empty for every tier. */
    public PriceBuilder serviceTiers(Set<String> value) {
        serviceTiers = value;
        return this;
    }

    public PriceBuilder regions(Map<String, BigDecimal> value) {
        regions = value;
        return this;
    }

    public PriceBuilder rates(Rates value) {
        rates = value;
        return this;
    }

    /** Rates per million tokens and nothing else. */
    public PriceBuilder perMillion(Map<TokenKind, BigDecimal> value) {
        return rates(new Rates(value, Map.of()));
    }

    public PriceBuilder contextTiers(List<ContextTier> value) {
        contextTiers = value;
        return this;
    }

    public PriceBuilder exchange(Exchange value) {
        exchange = value;
        return this;
    }

    public PriceBuilder factor(BigDecimal value) {
        factor = value;
        return this;
    }

    public PriceBuilder provenance(Provenance value) {
        provenance = value;
        return this;
    }

    /** @throws InvalidPriceException if anything is out of bounds */
    public Price build() {
        Set<String> tiers = serviceTiers != null ? serviceTiers : factor != null ? Set.of() : Price.STANDARD_TIERS;
        return new Price(
                id,
                tenant,
                provider,
                names,
                validity,
                tiers,
                regions,
                rates,
                contextTiers,
                exchange,
                factor,
                provenance);
    }
}
