package dev.tokenmeter.pricing;

import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Set;

/**
 * One price: for which models, when, and at what rates.
 *
 * @param id stands in events, so that any cost can be traced: source, provider, first model, effective date
 * @param provider provider as events name it
 * @param models exact model names
 * @param datedModels names whose dated snapshots ({@code name-20260101}, {@code name-2026-01-01}) are meant too
 * @param prefixes beginnings of model names; an exact or dated name of another price wins, then the longest prefix
 * @param from effective from, inclusive
 * @param until effective until, exclusive; null for no end
 * @param hours the part of the day in which it holds; null for all day. Wins over an all-day price
 * @param serviceTiers tiers, as answers name them, that are billed at these rates; an answer without a tier counts as
 *     {@code default}
 * @param rates rates of a call below the first context tier
 * @param contextTiers dearer or cheaper rates for long contexts, by rising edge
 */
public record Price(
        String id,
        String provider,
        Set<String> models,
        Set<String> datedModels,
        Set<String> prefixes,
        Instant from,
        Instant until,
        DailyHours hours,
        Set<String> serviceTiers,
        Rates rates,
        List<ContextTier> contextTiers) {
    public Price {
        models = Set.copyOf(models);
        datedModels = Set.copyOf(datedModels);
        prefixes = Set.copyOf(prefixes);
        serviceTiers = Set.copyOf(serviceTiers);
        contextTiers = contextTiers.stream()
                .sorted(Comparator.comparingLong(ContextTier::aboveInputTokens))
                .toList();
    }

    boolean holdsAt(Instant instant) {
        return !instant.isBefore(from)
                && (until == null || instant.isBefore(until))
                && (hours == null || hours.contain(instant));
    }

    Rates ratesFor(long inputTokens) {
        Rates chosen = rates;
        for (ContextTier tier : contextTiers) {
            if (inputTokens > tier.aboveInputTokens()) {
                chosen = tier.rates();
            }
        }
        return chosen;
    }
}
