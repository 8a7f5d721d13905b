package dev.tokenmeter.queryapi.whatif;

import dev.tokenmeter.pricing.Cost;
import dev.tokenmeter.pricing.Tariff;
import dev.tokenmeter.queryapi.whatif.Scenario.Call;
import dev.tokenmeter.queryapi.whatif.Scenario.Quote;
import dev.tokenmeter.schemas.Money;
import dev.tokenmeter.schemas.PricingClass;
import dev.tokenmeter.schemas.TokenKind;
import dev.tokenmeter.storage.query.Quantities;
import java.time.Instant;
import java.util.Collections;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/** Prices sums of what calls used, as far as all of them are priced alike. Used by one thread. */
final class RowPricer {
    /** What a model that does not bill them apart takes as plain input. */
    private static final List<TokenKind> ELSE_INPUT = List.of(
            TokenKind.CACHE_READ_INPUT,
            TokenKind.CACHE_WRITE_5M_INPUT,
            TokenKind.CACHE_WRITE_1H_INPUT,
            TokenKind.IMAGE_INPUT);

    private final Scenario scenario;
    private final Instant from;
    private final Instant until;
    private final Map<Call, NavigableMap<Instant, Quote>> quotes = new HashMap<>();

    /** @param from until when the earliest, and before when the latest of the calls ended */
    RowPricer(Scenario scenario, Instant from, Instant until) {
        this.scenario = scenario;
        this.from = from;
        this.until = until;
    }

    Verdict price(Quantities used) {
        PricingClass pricingClass = used.pricingClass();
        if (pricingClass == null) {
            return new Verdict.Undecided();
        }
        Call call = call(used);
        NavigableMap<Instant, Quote> known = quotes(call);
        Quote quote = known.floorEntry(used.from()).getValue();
        if (!known.subMap(used.from(), false, used.until(), false).isEmpty()) {
            return new Verdict.Undecided();
        }
        if (used.meteredRequests() == 0 && used.feeRequests() == 0) {
            return new Verdict.Known(Money.ZERO, quote, 0);
        }
        if (quote.tariff() == null) {
            return new Verdict.Unpriced("no price of that time, tier and region");
        }
        return price(used, call, quote);
    }

    private Verdict price(Quantities used, Call call, Quote quote) {
        Tariff tariff = quote.tariff();
        PricingClass pricingClass = used.pricingClass();
        if (tariff.changesWithin(pricingClass.contextFrom(), pricingClass.contextBelow())) {
            return new Verdict.Undecided();
        }
        long context = pricingClass.contextFrom();
        Map<TokenKind, Long> tokens = new EnumMap<>(TokenKind.class);
        tokens.putAll(used.tokens());
        long moved = scenario.substitutes(call) ? move(tokens, tariff, context) : 0;
        Set<String> missing = tariff.unpriced(context, kind -> tokens.getOrDefault(kind, 0L), used.units());
        if (missing.isEmpty()) {
            Cost cost = tariff.cost(context, kind -> tokens.getOrDefault(kind, 0L), used.units(), used.feeRequests());
            return new Verdict.Known(cost == null ? Money.ZERO : cost.usd(), quote, moved);
        }
        boolean allLackIt = used.allNamed()
                || used.meteredRequests() <= 1
                || !Collections.disjoint(pricingClass.quantities(), missing);
        return allLackIt
                ? new Verdict.Unpriced("no rate for " + String.join(", ", new TreeSet<>(missing)))
                : new Verdict.Undecided();
    }

    private static long move(Map<TokenKind, Long> tokens, Tariff tariff, long context) {
        long moved = 0;
        for (TokenKind kind : ELSE_INPUT) {
            Long count = tokens.get(kind);
            if (count != null && !tariff.prices(kind, context)) {
                tokens.remove(kind);
                boolean shorterCache = kind == TokenKind.CACHE_WRITE_1H_INPUT
                        && tariff.prices(TokenKind.CACHE_WRITE_5M_INPUT, context);
                tokens.merge(
                        shorterCache ? TokenKind.CACHE_WRITE_5M_INPUT : TokenKind.UNCACHED_INPUT, count, Long::sum);
                moved += count;
            }
        }
        return moved;
    }

    /** Moments at which the price changes while such calls ended. */
    SortedSet<Instant> changes(Quantities used) {
        return used.pricingClass() == null
                ? Collections.emptySortedSet()
                : new TreeSet<>(quotes(call(used))
                        .subMap(used.from(), false, used.until(), false)
                        .keySet());
    }

    private static Call call(Quantities used) {
        PricingClass pricingClass = used.pricingClass();
        return new Call(used.tenant(), used.model(), pricingClass.serviceTier(), pricingClass.region());
    }

    /** What holds from when on. */
    private NavigableMap<Instant, Quote> quotes(Call call) {
        return quotes.computeIfAbsent(call, one -> {
            NavigableMap<Instant, Quote> found = new TreeMap<>();
            Quote last = scenario.at(one, from);
            found.put(from, last);
            for (Instant moment : scenario.changes(one, from, until)) {
                Quote next = scenario.at(one, moment);
                if (!next.isSameAs(last)) {
                    found.put(moment, next);
                    last = next;
                }
            }
            return found;
        });
    }
}
