package dev.tokenmeter.pricing.lists;

import dev.tokenmeter.pricing.ContextTier;
import dev.tokenmeter.pricing.Rates;
import dev.tokenmeter.schemas.TokenKind;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Rates by the number of input tokens above which they hold, as they are gathered. */
final class RateTable {
    private final Map<Long, Map<TokenKind, BigDecimal>> tokens = new TreeMap<>();
    private final Map<Long, Map<String, BigDecimal>> units = new TreeMap<>();

    void put(long above, TokenKind kind, BigDecimal rate) {
        tokens.computeIfAbsent(above, k -> new EnumMap<>(TokenKind.class)).put(kind, rate);
    }

    void put(long above, String unit, BigDecimal rate) {
        units.computeIfAbsent(above, k -> new HashMap<>()).put(unit, rate);
    }

    boolean isEmpty() {
        return tokens.isEmpty() && units.isEmpty();
    }

    Map<TokenKind, BigDecimal> tokens(long above) {
        return tokens.getOrDefault(above, Map.of());
    }

    Map<String, BigDecimal> units(long above) {
        return units.getOrDefault(above, Map.of());
    }

    Rates base() {
        return new Rates(tokens(0), units(0));
    }

    List<Long> edges() {
        Map<Long, Boolean> edges = new TreeMap<>();
        tokens.keySet().forEach(edge -> edges.put(edge, true));
        units.keySet().forEach(edge -> edges.put(edge, true));
        edges.remove(0L);
        return List.copyOf(edges.keySet());
    }

    /** By rising edge; "above" begins one token later. */
    List<ContextTier> contextTiers() {
        List<ContextTier> tiers = new ArrayList<>();
        for (long edge : edges()) {
            tiers.add(new ContextTier(edge + 1, new Rates(tokens(edge), units(edge))));
        }
        return tiers;
    }
}
