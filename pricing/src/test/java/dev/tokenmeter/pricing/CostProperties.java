package dev.tokenmeter.pricing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenmeter.schemas.Money;
import dev.tokenmeter.schemas.TokenKind;
import java.math.BigDecimal;
import java.util.EnumMap;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;

class CostProperties {
    @Property
    void thePartsSumToTheWhole(
            @ForAll("rates") Rates rates,
            @ForAll @LongRange(max = 10_000_000_000L) long input,
            @ForAll @LongRange(max = 10_000_000_000L) long output) {
        Cost cost = cost(rates, input, output);
        assertThat(cost.parts().values().stream().reduce(BigDecimal.ZERO, BigDecimal::add))
                .isEqualByComparingTo(cost.usd());
        assertThat(cost.usd().scale()).isEqualTo(Money.SCALE);
    }

    @Property
    void timesAsManyTokensCostTimesAsMuch(
            @ForAll("rates") Rates rates,
            @ForAll @LongRange(max = 1_000_000L) long input,
            @ForAll @LongRange(max = 1_000_000L) long output,
            @ForAll @IntRange(min = 1, max = 10_000) int times) {
        assertThat(cost(rates, input * times, output * times).usd())
                .isEqualByComparingTo(cost(rates, input, output).usd().multiply(BigDecimal.valueOf(times)));
    }

    @Property
    void twoCallsCostTogetherWhatTheyCostApart(
            @ForAll("rates") Rates rates,
            @ForAll @LongRange(max = 1_000_000_000L) long one,
            @ForAll @LongRange(max = 1_000_000_000L) long other) {
        assertThat(cost(rates, one, other).usd().add(cost(rates, other, one).usd()))
                .isEqualByComparingTo(cost(rates, one + other, one + other).usd());
    }

    @Provide
    Arbitrary<Rates> rates() {
        Arbitrary<BigDecimal> rate =
                Arbitraries.longs().between(0, 1_000_000_000L).map(n -> BigDecimal.valueOf(n, 6));
        return rate.tuple2().map(pair -> {
            Map<TokenKind, BigDecimal> rates = new EnumMap<>(TokenKind.class);
            rates.put(TokenKind.UNCACHED_INPUT, pair.get1());
            rates.put(TokenKind.TEXT_OUTPUT, pair.get2());
            return new Rates(rates, Map.of());
        });
    }

    private static Cost cost(Rates rates, long input, long output) {
        Map<TokenKind, Long> tokens = Map.of(TokenKind.UNCACHED_INPUT, input, TokenKind.TEXT_OUTPUT, output);
        return UsdRates.of(rates, BigDecimal.ONE).cost(kind -> tokens.getOrDefault(kind, 0L), Map.of(), 1);
    }
}
