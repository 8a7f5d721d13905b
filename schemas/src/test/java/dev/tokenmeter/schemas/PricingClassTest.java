package dev.tokenmeter.schemas;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Chars;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class PricingClassTest {
    private static UsageEvent.Builder event() {
        return UsageEvent.newBuilder()
                .setEventId(UUID.randomUUID())
                .setOccurredAt(Instant.EPOCH)
                .setGatewayId("gw")
                .setTenant("acme")
                .setApiKeyId("key")
                .setProvider("openai")
                .setModel("gpt-5")
                .setOperation("chat");
    }

    @Test
    void aPlainCallAndOneWithEverythingAreToldInShortTexts() {
        assertThat(PricingClass.textOf(event().setUncachedInputTokens(5).build()))
                .isEqualTo(";;0;");
        assertThat(PricingClass.textOf(event().setServiceTier("flex")
                        .setRegion("eu")
                        .setUncachedInputTokens(150_000)
                        .setCacheReadInputTokens(50_001)
                        .setAudioOutputTokens(1)
                        .setUnits(Map.of("web_search_requests", BigDecimal.ONE, "pages", BigDecimal.ZERO))
                        .build()))
                .isEqualTo("flex;eu;200001;audio_output_tokens,web_search_requests");
    }

    @Property
    void whatIsWrittenIsReadWhateverTheNames(
            @ForAll @Chars({';', ',', '%', '+', 'a', 'é', ' '}) String tier,
            @ForAll @Chars({';', ',', '%', '+', 'a', 'é', ' '}) String region,
            @ForAll @Size(max = 4) Set<@Chars({';', ',', '%', '+', 'a', 'é', ' '}) String> units,
            @ForAll @LongRange(max = 400_000) long tokens) {
        Map<String, BigDecimal> used = new HashMap<>();
        units.stream().filter(name -> !name.isEmpty()).forEach(name -> used.put(name, BigDecimal.TEN));
        UsageEvent event = event().setServiceTier(tier)
                .setRegion(region)
                .setUnits(used)
                .setUncachedInputTokens(tokens)
                .build();

        PricingClass read = PricingClass.parse(PricingClass.textOf(event)).orElseThrow();

        assertThat(read.serviceTier()).isEqualTo(tier.isEmpty() ? null : tier);
        assertThat(read.region()).isEqualTo(region.isEmpty() ? null : region);
        assertThat(read.quantities()).isEqualTo(used.keySet());
        assertThat(tokens).isGreaterThanOrEqualTo(read.contextFrom()).isLessThan(read.contextBelow());
    }

    @Test
    void ofARollupFromBeforeNothingIsKnown() {
        assertThat(PricingClass.parse("")).isEqualTo(Optional.empty());
    }
}
