package dev.tokenmeter.pricing.lists;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenmeter.pricing.Names;
import dev.tokenmeter.pricing.Price;
import dev.tokenmeter.schemas.TokenKind;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PriceChangesTest {
    @ParameterizedTest
    @CsvSource({"1, 2, false", "1, 10, false", "1, 10.000001, true", "10, 1, false", "10.000001, 1, true", "1, 0, true"
    })
    void aMoveOfMoreThanTenfoldIsHeldBack(String before, String after, boolean held) {
        List<Price> old = List.of(price("a", before));
        PriceChanges changes = PriceChanges.between(old, new PriceList(List.of(price("a", after)), List.of()));
        assertThat(changes.changes()).hasSize(1);
        assertThat(changes.held()).hasSize(held ? 1 : 0);
        assertThat(changes.changes().get(0).what()).contains("uncached_input_tokens from " + before + " to " + after);
        assertThat(changes.applied(old)).containsExactly(price("a", held ? before : after));
    }

    @Test
    void whatVanishesStaysInForceAndIsReported() {
        List<Price> old = List.of(price("a", "1"), price("b", "1"));
        PriceChanges changes = PriceChanges.between(old, new PriceList(List.of(price("a", "1")), List.of()));
        assertThat(changes.held()).containsExactly(new PriceChange.Vanished(price("b", "1")));
        assertThat(changes.applied(old)).isEqualTo(old);
    }

    @Test
    void anEntryThatCanBeReadNoMoreIsReportedWithItsMistake() {
        PriceList list = PriceLists.read("""
                {"a": {"litellm_provider": "p", "mode": "chat", "input_cost_per_token": "1e-6"}}""".getBytes(StandardCharsets.UTF_8), "list");
        PriceChanges changes = PriceChanges.between(List.of(price("a", "1")), list);
        assertThat(changes.held()).hasSize(1);
        assertThat(changes.held().get(0)).isInstanceOf(PriceChange.Malformed.class);
    }

    @Test
    void aRateThatVanishesFromAPriceIsHeldBack() {
        Price both = Price.builder("a", "p", Names.exactly("a"))
                .perMillion(Map.of(TokenKind.UNCACHED_INPUT, BigDecimal.ONE, TokenKind.TEXT_OUTPUT, BigDecimal.TEN))
                .build();
        PriceChanges changes = PriceChanges.between(List.of(both), new PriceList(List.of(price("a", "1")), List.of()));
        assertThat(changes.held())
                .singleElement()
                .satisfies(change -> assertThat(change.what()).contains("text_output_tokens vanished"));
    }

    @Test
    void newPricesAreTakenAndWhatIsTheSameIsNoChange() {
        PriceChanges changes = PriceChanges.between(
                List.of(price("a", "1")), new PriceList(List.of(price("a", "1"), price("b", "5")), List.of()));
        assertThat(changes.changes()).containsExactly(new PriceChange.Added(price("b", "5")));
        assertThat(changes.accepted()).containsExactly(price("b", "5"));
    }

    @Test
    void anotherFactorIsAMoveOfTheSamePrice() {
        PriceList before = house("0.85");
        assertThat(PriceChanges.between(before.prices(), house("0.850")).changes())
                .isEmpty();
        assertThat(PriceChanges.between(before.prices(), house("0.80")).changes())
                .singleElement()
                .satisfies(change -> {
                    assertThat(change).isInstanceOf(PriceChange.Moved.class);
                    assertThat(change.held()).isFalse();
                    assertThat(change.what()).isEqualTo("factor from 0.85 to 0.8");
                });
    }

    private static PriceList house(String factor) {
        return PriceLists.read(
                ("{\"prices\":[{\"provider\":\"*\",\"patterns\":[\"*\"],\"factor\":\"" + factor + "\"}]}")
                        .getBytes(StandardCharsets.UTF_8),
                "list");
    }

    private static Price price(String model, String rate) {
        return Price.builder(model, "p", Names.exactly(model))
                .perMillion(Map.of(TokenKind.UNCACHED_INPUT, new BigDecimal(rate)))
                .build();
    }
}
