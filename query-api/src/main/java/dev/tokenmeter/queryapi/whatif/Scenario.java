package dev.tokenmeter.queryapi.whatif;

import dev.tokenmeter.pricing.PriceBook;
import dev.tokenmeter.pricing.PriceQuery;
import dev.tokenmeter.pricing.Tariff;
import dev.tokenmeter.schemas.budget.ModelName;
import dev.tokenmeter.storage.query.QuantityQuery.Model;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;

/** What is supposed: other models, other prices. Used by one thread. */
final class Scenario {
    /**
     * What is supposed.
     *
     * @param everything the model that answers all calls; null for none
     * @param models which model answers in the place of which; each stands for its dated snapshots too
     * @param serviceTier tier of all calls; null for their own
     * @param pricesAt whose prices hold; null for those of the time of each call
     * @param factor on all prices
     * @param tokenFactor tokens of a supposed model for one that was counted
     */
    record Suppositions(
            Model everything,
            Map<Model, Model> models,
            String serviceTier,
            Instant pricesAt,
            BigDecimal factor,
            BigDecimal tokenFactor) {}

    /** On what a price depends beside time and quantities. Tier and region are null where none is stated. */
    record Call(String tenant, Model model, String serviceTier, String region) {}

    /**
     * What holds for a call.
     *
     * @param tariff null where no price is known
     * @param otherTier whether it is the standard tier's, as the model has no price for the call's own
     * @param anyRegion whether the call's region was left out, as the model has no price for it
     */
    record Quote(Tariff tariff, boolean otherTier, boolean anyRegion) {
        boolean isSameAs(Quote other) {
            return otherTier == other.otherTier
                    && anyRegion == other.anyRegion
                    && (tariff == null ? other.tariff == null : other.tariff != null && tariff.isSameAs(other.tariff));
        }
    }

    private final PriceBook book;
    private final Suppositions supposed;
    private final Map<Tariff, Tariff> multiplied = new IdentityHashMap<>();
    private final Map<Tariff, Tariff> multipliedOfOthers = new IdentityHashMap<>();

    Scenario(PriceBook book, Suppositions supposed) {
        this.book = book;
        this.supposed = supposed;
    }

    PriceBook book() {
        return book;
    }

    Suppositions supposed() {
        return supposed;
    }

    /** Which model is supposed to have answered. */
    Model answering(Model model) {
        if (supposed.everything != null) {
            return supposed.everything;
        }
        Model exact = supposed.models.get(model);
        if (exact != null) {
            return exact;
        }
        return supposed.models.entrySet().stream()
                .filter(entry -> entry.getKey().provider().equals(model.provider())
                        && ModelName.includes(entry.getKey().name(), model.name()))
                .map(Map.Entry::getValue)
                .findFirst()
                .orElse(model);
    }

    /** Whether another model than the call's own is supposed. */
    boolean substitutes(Call call) {
        return !answering(call.model).equals(call.model);
    }

    /** What would hold at a time. */
    Quote at(Call call, Instant time) {
        for (Try one : tries(call)) {
            Tariff found = book.find(one.query(call, answering(call.model), priceTime(time)))
                    .orElse(null);
            if (found != null) {
                return new Quote(withFactors(found, call), one.otherTier, one.anyRegion);
            }
        }
        return new Quote(null, false, false);
    }

    private Instant priceTime(Instant time) {
        return supposed.pricesAt == null ? time : supposed.pricesAt;
    }

    /** Moments after the first and before the second at which that may change. */
    SortedSet<Instant> changes(Call call, Instant from, Instant until) {
        SortedSet<Instant> changes = new TreeSet<>();
        if (supposed.pricesAt == null) {
            tries(call)
                    .forEach(one -> changes.addAll(book.changes(one.query(call, answering(call.model), from), until)));
        }
        return changes;
    }

    private Tariff withFactors(Tariff tariff, Call call) {
        boolean substitutes = substitutes(call);
        BigDecimal ofTokens = substitutes ? supposed.tokenFactor : BigDecimal.ONE;
        if (supposed.factor.compareTo(BigDecimal.ONE) == 0 && ofTokens.compareTo(BigDecimal.ONE) == 0) {
            return tariff;
        }
        return (substitutes ? multipliedOfOthers : multiplied)
                .computeIfAbsent(tariff, one -> one.times(supposed.factor, ofTokens));
    }

    private record Try(String serviceTier, String region, boolean otherTier, boolean anyRegion) {
        PriceQuery query(Call call, Model model, Instant at) {
            return new PriceQuery(call.tenant, model.provider(), model.name(), serviceTier, region, at);
        }
    }

    /** A call keeps its tier and region; only where another model has no price for them is the usual one asked for. */
    private List<Try> tries(Call call) {
        String tier = supposed.serviceTier == null ? call.serviceTier : supposed.serviceTier;
        List<Try> tries = new ArrayList<>(4);
        tries.add(new Try(tier, call.region, false, false));
        if (substitutes(call)) {
            boolean mayFallBack = supposed.serviceTier == null && tier != null;
            if (call.region != null) {
                tries.add(new Try(tier, null, false, true));
            }
            if (mayFallBack) {
                tries.add(new Try(null, call.region, true, false));
            }
            if (mayFallBack && call.region != null) {
                tries.add(new Try(null, null, true, true));
            }
        }
        return tries;
    }
}
