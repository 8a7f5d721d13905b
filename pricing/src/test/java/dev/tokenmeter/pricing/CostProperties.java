package dev.tokenmeter.pricing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenmeter.schemas.Money;
import dev.tokenmeter.schemas.TokenKind;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.ToLongFunction;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;

/** Over all kinds of tokens and some units, at whatever rates a price may have. */
class CostProperties {
    private static final List<String> UNITS = List.of("web_search_requests", "images:1024x1024:hd", "characters");

    /** How much of everything a call used. */
    record Usage(Map<TokenKind, Long> tokens, Map<String, BigDecimal> units) {
        Usage plus(Usage other) {
            Map<TokenKind, Long> tokensOfBoth = new EnumMap<>(TokenKind.class);
            tokensOfBoth.putAll(tokens);
            other.tokens.forEach((kind, count) -> tokensOfBoth.merge(kind, count, Long::sum));
            Map<String, BigDecimal> unitsOfBoth = new HashMap<>(units);
            other.units.forEach((unit, count) -> unitsOfBoth.merge(unit, count, BigDecimal::add));
            return new Usage(tokensOfBoth, unitsOfBoth);
        }

        Usage times(int factor) {
            Map<TokenKind, Long> more = new EnumMap<>(TokenKind.class);
            tokens.forEach((kind, count) -> more.put(kind, count * factor));
            Map<String, BigDecimal> moreUnits = new HashMap<>();
            units.forEach((unit, count) -> moreUnits.put(unit, count.multiply(BigDecimal.valueOf(factor))));
            return new Usage(more, moreUnits);
        }
    }

    @Property
    void thePartsSumToTheWhole(@ForAll("rates") Rates rates, @ForAll("usages") Usage usage) {
        Cost cost = cost(rates, usage);
        assertThat(cost.parts().values().stream().reduce(BigDecimal.ZERO, BigDecimal::add))
                .isEqualByComparingTo(cost.usd());
        assertThat(cost.usd().scale()).isEqualTo(Money.SCALE);
        assertThat(cost.parts().values()).allMatch(part -> part.scale() == Money.SCALE && part.signum() >= 0);
    }

    /** Against arithmetic that never rounds, in any order. */
    @Property
    void noOrderOfOperationsChangesACost(
            @ForAll("rates") Rates rates, @ForAll("usages") Usage usage, @ForAll long seed) {
        List<BigDecimal> millionths = new ArrayList<>();
        usage.tokens()
                .forEach((kind, count) ->
                        millionths.add(rates.perMillionTokens().get(kind).multiply(BigDecimal.valueOf(count))));
        usage.units()
                .forEach((unit, count) ->
                        millionths.add(rates.perUnit().get(unit).multiply(count).movePointRight(6)));
        Collections.shuffle(millionths, new Random(seed));
        BigDecimal divideLast =
                millionths.stream().reduce(BigDecimal.ZERO, BigDecimal::add).movePointLeft(6);
        assertThat(cost(rates, usage).usd()).isEqualByComparingTo(divideLast);
    }

    @Property
    void timesAsMuchCostsTimesAsMuch(
            @ForAll("rates") Rates rates,
            @ForAll("usages") Usage usage,
            @ForAll @IntRange(min = 1, max = 10_000) int times) {
        assertThat(cost(rates, usage.times(times)).usd())
                .isEqualByComparingTo(cost(rates, usage).usd().multiply(BigDecimal.valueOf(times)));
    }

    @Property
    void twoCallsCostTogetherWhatTheyCostApart(
            @ForAll("rates") Rates rates, @ForAll("usages") Usage one, @ForAll("usages") Usage other) {
        assertThat(cost(rates, one).usd().add(cost(rates, other).usd()))
                .isEqualByComparingTo(cost(rates, one.plus(other)).usd());
    }

    /** A negotiated factor or an exchange rate is rounded into the rate, so whatever holds of rates holds of it. */
    @Property
    void underAFactorTheSameHoldsAndEachRateIsOffByLessThanItsLastDigit(
            @ForAll("rates") Rates rates, @ForAll("usages") Usage usage, @ForAll("factors") BigDecimal factor) {
        Cost whole = UsdRates.of(rates, factor, factor).cost(tokens(usage), usage.units(), 0);
        if (whole == null) {
            return;
        }
        assertThat(whole.parts().values().stream().reduce(BigDecimal.ZERO, BigDecimal::add))
                .isEqualByComparingTo(whole.usd());
        BigDecimal exact = cost(rates, usage).usd().multiply(factor);
        BigDecimal counted = usage.units().values().stream().reduce(BigDecimal.ZERO, BigDecimal::add);
        for (long tokens : usage.tokens().values()) {
            counted = counted.add(BigDecimal.valueOf(tokens));
        }
        BigDecimal most = new BigDecimal("0.0000000000005").multiply(counted);
        assertThat(whole.usd().subtract(exact).abs()).isLessThanOrEqualTo(most);
    }

    @Property
    void aTierBeginsAtItsEdgeAndCoversTheWholeCall(
            @ForAll("rates") Rates below,
            @ForAll("rates") Rates above,
            @ForAll @LongRange(min = 1, max = 1_000_000) long edge) {
        Tariff tariff = Tariff.of(Price.builder("id", "p", Names.exactly("m"))
                .rates(below)
                .contextTiers(List.of(new ContextTier(edge, above)))
                .build());
        Usage usage = new Usage(Map.of(TokenKind.UNCACHED_INPUT, 1_000L, TokenKind.TEXT_OUTPUT, 10L), Map.of());
        assertThat(tariff.cost(edge - 1, tokens(usage), Map.of(), 0).usd())
                .isEqualByComparingTo(cost(below, usage).usd());
        assertThat(tariff.cost(edge, tokens(usage), Map.of(), 0).usd())
                .isEqualByComparingTo(cost(above, usage).usd());
    }

    /** Half to even, at the twelfth digit: the one place where a quantity that is no whole number may need it. */
    @Property
    void aFractionOfAUnitIsRoundedAtTheLastDigitOfMoney(
            @ForAll @LongRange(max = 1_000_000_000_000L) long rate,
            @ForAll @LongRange(max = 100_000_000L) long millis) {
        BigDecimal perSecond = BigDecimal.valueOf(rate, 12);
        BigDecimal seconds = BigDecimal.valueOf(millis, 3);
        Rates rates = new Rates(Map.of(), Map.of("seconds", perSecond));
        assertThat(UsdRates.of(rates, BigDecimal.ONE, BigDecimal.ONE)
                        .cost(kind -> 0, Map.of("seconds", seconds), 0)
                        .usd())
                .isEqualByComparingTo(perSecond.multiply(seconds).setScale(Money.SCALE, RoundingMode.HALF_EVEN));
    }

    @Provide
    Arbitrary<Rates> rates() {
        Arbitrary<BigDecimal> perMillion =
                Arbitraries.longs().between(0, 1_000_000_000L).map(n -> BigDecimal.valueOf(n, 6));
        Arbitrary<BigDecimal> perUnit =
                Arbitraries.longs().between(0, 1_000_000_000_000L).map(n -> BigDecimal.valueOf(n, 12));
        Arbitrary<Map<TokenKind, BigDecimal>> tokens = perMillion
                .list()
                .ofSize(TokenKind.values().length)
                .map(list -> {
                    Map<TokenKind, BigDecimal> map = new EnumMap<>(TokenKind.class);
                    for (TokenKind kind : TokenKind.values()) {
                        map.put(kind, list.get(kind.ordinal()));
                    }
                    return map;
                });
        Arbitrary<Map<String, BigDecimal>> units = perUnit.list()
                .ofSize(UNITS.size())
                .map(list -> {
                    Map<String, BigDecimal> map = new LinkedHashMap<>();
                    UNITS.forEach(unit -> map.put(unit, list.get(map.size())));
                    return map;
                });
        return Combinators.combine(tokens, units).as(Rates::new);
    }

    @Provide
    Arbitrary<Usage> usages() {
        Arbitrary<Map<TokenKind, Long>> tokens = Arbitraries.maps(
                Arbitraries.of(TokenKind.class), Arbitraries.longs().between(0, 10_000_000_000L));
        Arbitrary<Map<String, BigDecimal>> units = Arbitraries.maps(
                Arbitraries.of(UNITS), Arbitraries.longs().between(0, 1_000_000).map(BigDecimal::valueOf));
        return Combinators.combine(tokens, units).as(Usage::new);
    }

    @Provide
    Arbitrary<BigDecimal> factors() {
        return Arbitraries.longs().between(1, 2_000_000L).map(n -> BigDecimal.valueOf(n, 6));
    }

    private static Cost cost(Rates rates, Usage usage) {
        return UsdRates.of(rates, BigDecimal.ONE, BigDecimal.ONE).cost(tokens(usage), usage.units(), 0);
    }

    private static ToLongFunction<TokenKind> tokens(Usage usage) {
        return kind -> usage.tokens().getOrDefault(kind, 0L);
    }
}
