package dev.tokenmeter.pricing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenmeter.schemas.TokenKind;
import dev.tokenmeter.schemas.UsageEvent;
import dev.tokenmeter.schemas.UsageSource;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class LayersTest {
    private static final Instant NEW_YEAR = Instant.parse("2026-01-01T00:00:00Z");
    private final PriceBook list = PriceBook.empty()
            .with(PriceSource.SHIPPED, List.of(price("list", "4").build()));

    @Test
    void theOperatorsFileComesBeforeTheApiThePolledListAndTheShippedOne() {
        PriceBook book =
                list.with(PriceSource.UPDATE, List.of(price("polled", "3").build()));
        assertThat(cost(book)).isEqualByComparingTo("3");
        book = book.with(PriceSource.API, List.of(price("api", "2").build()));
        assertThat(cost(book)).isEqualByComparingTo("2");
        book = book.with(PriceSource.FILE, List.of(price("file", "1").build()));
        assertThat(cost(book)).isEqualByComparingTo("1");
        assertThat(cost(book.with(PriceSource.FILE, List.of()))).isEqualByComparingTo("2");
    }

    @Test
    void aTenantsNegotiatedRateIsForThatTenantAlone() {
        PriceBook book = list.with(
                        PriceSource.FILE, List.of(price("everyone", "3").build()))
                .with(PriceSource.API, List.of(price("acme", "1").tenant("acme").build()));
        assertThat(cost(book)).isEqualByComparingTo("1");
        assertThat(book.price(event().setTenant("other").build()).getCostUsd()).isEqualByComparingTo("3");
    }

    @Test
    void aFactorMultipliesWhatTheSourcesAfterItCharge() {
        PriceBook book = list.with(
                        PriceSource.FILE,
                        List.of(factor("house-discount", "0.85").build()))
                .with(
                        PriceSource.API,
                        List.of(factor("acme-mark-up", "1.2").tenant("acme").build()));
        UsageEvent priced = book.price(event().build());
        assertThat(priced.getCostUsd()).isEqualByComparingTo("4.08");
        assertThat(priced.getPriceId()).isEqualTo("acme-mark-up on house-discount on list");
        assertThat(book.price(event().setTenant("other").build()).getCostUsd()).isEqualByComparingTo("3.4");
    }

    @Test
    void aFactorOnNothingIsNoPrice() {
        PriceBook book = PriceBook.empty()
                .with(PriceSource.FILE, List.of(factor("discount", "0.5").build()));
        assertThat(cost(book)).isNull();
    }

    @Test
    void aFactorHoldsFromItsDateForEveryTierOfTheCall() {
        Price flex = price("flex", "2").serviceTiers(Set.of("flex")).build();
        Price discount = factor("discount", "0.5")
                .validity(new Validity(NEW_YEAR, null, List.of()))
                .build();
        PriceBook book =
                PriceBook.empty().with(PriceSource.SHIPPED, List.of(flex)).with(PriceSource.FILE, List.of(discount));
        UsageEvent.Builder call = event().setServiceTier("flex");
        assertThat(book.price(call.setOccurredAt(NEW_YEAR).build()).getCostUsd())
                .isEqualByComparingTo("1");
        assertThat(book.price(call.setOccurredAt(NEW_YEAR.minusNanos(1000)).build())
                        .getCostUsd())
                .isEqualByComparingTo("2");
    }

    @Test
    void aPriceThatIsNotInForceLeavesTheCallToTheNextSource() {
        Price lastYear = price("old", "1")
                .validity(new Validity(Instant.EPOCH, NEW_YEAR, List.of()))
                .build();
        assertThat(cost(list.with(PriceSource.FILE, List.of(lastYear)))).isEqualByComparingTo("4");
    }

    @Test
    void aPriceInAnotherCurrencyLeavesItsExchangeRateInTheEvent() {
        Price euros = price("euros", "2")
                .exchange(new Exchange("EUR", new BigDecimal("1.0873")))
                .build();
        UsageEvent priced = list.with(PriceSource.FILE, List.of(euros)).price(event().build());
        assertThat(priced.getCostUsd()).isEqualByComparingTo("2.1746");
        assertThat(priced.getCostCurrency()).isEqualTo("EUR");
        assertThat(priced.getExchangeRate()).isEqualByComparingTo("1.0873");
        assertThat(list.price(event().build()).getExchangeRate()).isNull();
    }

    @Test
    void aPriceByRegionPricesNoOtherRegion() {
        Price byRegion = price("regions", "1")
                .regions(Map.of("eu", new BigDecimal("1.1")))
                .build();
        PriceBook book = PriceBook.empty().with(PriceSource.FILE, List.of(byRegion));
        assertThat(book.price(event().setRegion("eu").build()).getCostUsd()).isEqualByComparingTo("1.1");
        assertThat(book.price(event().setRegion("mars").build()).getCostUsd()).isNull();
        assertThat(book.price(event().build()).getCostUsd()).isEqualByComparingTo("1");
    }

    @Test
    void aRateThatWouldRoundToNothingIsUnknownAndNotFree() {
        PriceBook book = PriceBook.empty()
                .with(PriceSource.SHIPPED, List.of(price("tiny", "0.000001").build()))
                .with(PriceSource.FILE, List.of(factor("discount", "0.4").build()));
        assertThat(cost(book)).isNull();
    }

    @Test
    void aFeePerCallIsChargedOnceForACallThatWasServed() {
        Price fee = Price.builder("fee", "p", Names.exactly("m"))
                .rates(new Rates(
                        Map.of(TokenKind.UNCACHED_INPUT, BigDecimal.ONE),
                        Map.of(Rates.REQUESTS, new BigDecimal("0.005"))))
                .build();
        PriceBook book = PriceBook.empty().with(PriceSource.FILE, List.of(fee));
        assertThat(book.price(event().setUsageSource(UsageSource.provider)
                                .setHttpStatus(200)
                                .build())
                        .getCostUsd())
                .isEqualByComparingTo("1.005");
        assertThat(book.price(event().setUncachedInputTokens(0)
                                .setHttpStatus(429)
                                .build())
                        .getCostUsd())
                .isEqualByComparingTo("0");
    }

    @Test
    void cachedAudioCountsTowardsTheContextTier() {
        Price tiered = Price.builder("tiered", "p", Names.exactly("m"))
                .rates(new Rates(
                        Map.of(TokenKind.UNCACHED_INPUT, BigDecimal.ONE),
                        Map.of("cache_read_audio_tokens", new BigDecimal("0.000001"))))
                .contextTiers(List.of(
                        new ContextTier(101, new Rates(Map.of(TokenKind.UNCACHED_INPUT, BigDecimal.TEN), Map.of()))))
                .build();
        PriceBook book = PriceBook.empty().with(PriceSource.FILE, List.of(tiered));
        UsageEvent.Builder call = event().setUncachedInputTokens(100);
        assertThat(book.price(call.build()).getCostUsd()).isEqualByComparingTo("0.0001");
        assertThat(book.price(call.setUnits(Map.of("cache_read_audio_tokens", BigDecimal.ONE))
                                .build())
                        .getCostUsd())
                .isEqualByComparingTo("0.001001");
    }

    @Test
    void theLongestPatternWinsAndAnExactNameBeforeAny() {
        PriceBook book = PriceBook.empty()
                .with(
                        PriceSource.FILE,
                        List.of(
                                pattern("all", "*", "1"),
                                pattern("some", "llama-*", "2"),
                                pattern("inner", "*-70b-*", "3"),
                                Price.builder("one", "p", Names.exactly("llama-1b"))
                                        .perMillion(Map.of(TokenKind.UNCACHED_INPUT, new BigDecimal("4")))
                                        .build()));
        assertThat(book.price(event().setModel("x").build()).getCostUsd()).isEqualByComparingTo("1");
        assertThat(book.price(event().setModel("llama-8b").build()).getCostUsd())
                .isEqualByComparingTo("2");
        assertThat(book.price(event().setModel("qwen-70b-it").build()).getCostUsd())
                .isEqualByComparingTo("3");
        assertThat(book.price(event().setModel("llama-1b").build()).getCostUsd())
                .isEqualByComparingTo("4");
    }

    private static Price pattern(String id, String pattern, String rate) {
        return Price.builder(id, "p", new Names(Set.of(), Set.of(), Set.of(pattern)))
                .perMillion(Map.of(TokenKind.UNCACHED_INPUT, new BigDecimal(rate)))
                .build();
    }

    @Test
    void aBookThatIsReplacedPricesTheNextCall() {
        LivePricer pricer = new LivePricer(list);
        assertThat(pricer.price(event().build()).getCostUsd()).isEqualByComparingTo("4");
        pricer.change(book ->
                book.with(PriceSource.UPDATE, List.of(price("polled", "3").build())));
        assertThat(pricer.price(event().build()).getCostUsd()).isEqualByComparingTo("3");
    }

    @Test
    void configuredNamesMeanWhatTheConfigurationSays() {
        PriceBook book = list.with(
                new ProviderNames(Map.of("my-azure", "p"), Map.of("my-azure", Map.of("prod-deployment", "m"))));
        UsageEvent.Builder call = event().setProvider("my-azure");
        assertThat(book.price(call.setModel("m").build()).getCostUsd()).isEqualByComparingTo("4");
        assertThat(book.price(call.setModel("prod-deployment").build()).getCostUsd())
                .isEqualByComparingTo("4");
        assertThat(book.price(event().setModel("prod-deployment").build()).getCostUsd())
                .isNull();
    }

    @Test
    void thePriceOfAnEventKeepsEverythingElseOfIt() {
        UsageEvent event =
                event().setTags(Map.of("team", "growth")).setRawUsage("{}").build();
        UsageEvent priced = list.price(event);
        assertThat(UsageEvent.newBuilder(priced)
                        .setCostUsd(null)
                        .setCostParts(Map.of())
                        .setPriceId(null)
                        .build())
                .isEqualTo(event);
        assertThat(event.getCostUsd()).isNull();
        assertThat(priced.getCostParts()).containsOnlyKeys("uncached_input_tokens");
    }

    private static PriceBuilder price(String id, String rate) {
        return Price.builder(id, "p", Names.exactly("m"))
                .perMillion(Map.of(TokenKind.UNCACHED_INPUT, new BigDecimal(rate)));
    }

    private static PriceBuilder factor(String id, String factor) {
        return Price.builder(id, Price.ANY, new Names(Set.of(), Set.of(), Set.of("*")))
                .factor(new BigDecimal(factor));
    }

    private static UsageEvent.Builder event() {
        return Events.of("p", "m").setUncachedInputTokens(1_000_000);
    }

    private static BigDecimal cost(PriceBook book) {
        return book.price(event().build()).getCostUsd();
    }
}
