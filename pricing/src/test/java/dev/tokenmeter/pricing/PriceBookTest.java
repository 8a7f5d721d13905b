package dev.tokenmeter.pricing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenmeter.schemas.Outcome;
import dev.tokenmeter.schemas.UsageEvent;
import dev.tokenmeter.schemas.UsageEvents;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PriceBookTest {
    private final PriceBook shipped = PriceBook.shipped();

    @Test
    void aGpt4oCallCostsWhatOpenAiPublishes() {
        UsageEvent priced = shipped.price(Events.of("openai", "gpt-4o-2024-08-06")
                .setUncachedInputTokens(1_000)
                .setCacheReadInputTokens(2_000)
                .setTextOutputTokens(300)
                .setReasoningOutputTokens(0)
                .build());
        // https://platform.openai.com/docs/pricing: 2.50 input, 1.25 cached, 10.00 output per million.
        assertThat(priced.getCostUsd()).isEqualByComparingTo("0.0080");
        assertThat(priced.getCostParts())
                .hasEntrySatisfying(
                        "cache_read_input_tokens", part -> assertThat(part).isEqualByComparingTo("0.0025"));
        assertThat(priced.getPriceId()).startsWith("shipped:openai/gpt-4o");
    }

    @Test
    void anAnthropicCallPaysForBothCacheLifetimes() {
        UsageEvent priced = shipped.price(Events.of("anthropic", "claude-haiku-4-5-20251001")
                .setUncachedInputTokens(100)
                .setCacheWrite5mInputTokens(1_000)
                .setCacheWrite1hInputTokens(1_000)
                .setCacheReadInputTokens(10_000)
                .setTextOutputTokens(500)
                .setUnits(Map.of("web_search_requests", BigDecimal.valueOf(2)))
                .build());
        // https://docs.claude.com/en/docs/about-claude/pricing: 1 input, 1.25 and 2 writes, 0.10 read, 5 output; 10 per
        // 1,000 searches.
        assertThat(priced.getCostUsd()).isEqualByComparingTo("0.02685");
    }

    @Test
    void aGeminiCallPaysForThoughtsAndCachedAudio() {
        UsageEvent priced = shipped.price(Events.of("gemini", "gemini-2.5-flash")
                .setUncachedInputTokens(440)
                .setCacheReadInputTokens(600)
                .setAudioInputTokens(100)
                .setTextOutputTokens(70)
                .setReasoningOutputTokens(500)
                .setUnits(Map.of("cache_read_audio_tokens", BigDecimal.valueOf(90)))
                .build());
        // https://ai.google.dev/gemini-api/docs/pricing: 0.30 input, 0.03 cached, 1.00 audio, 0.10 cached audio, 2.50
        // output per million.
        assertThat(priced.getCostUsd()).isEqualByComparingTo("0.001684");
    }

    @Test
    void aLongGeminiPromptCostsMoreAndASpeechModelIsNoProModel() {
        UsageEvent.Builder event = Events.of("gemini", "gemini-2.5-pro");
        assertThat(shipped.price(event.setUncachedInputTokens(300_000).build()).getCostUsd())
                .isEqualByComparingTo("0.75");
        assertThat(shipped.price(event.setUncachedInputTokens(100_000).build()).getCostUsd())
                .isEqualByComparingTo("0.125");
        UsageEvent.Builder speech = Events.of("gemini", "gemini-2.5-pro-preview-tts");
        assertThat(shipped.price(speech.setUncachedInputTokens(100_000).build()).getCostUsd())
                .isEqualByComparingTo("0.1");
    }

    @ParameterizedTest
    @CsvSource({"mistral,mistral-small-latest", "groq,llama-3.3-70b-versatile", "xai,grok-4-0709"})
    void otherProvidersArePricedUnderTheNameThatTheyHaveInTheSettings(String provider, String model) {
        UsageEvent priced = shipped.price(
                Events.of(provider, model).setUncachedInputTokens(1_000).build());
        assertThat(priced.getCostUsd()).isPositive();
    }

    @ParameterizedTest
    @CsvSource({"groq,whisper-large-v3", "gemini,gemini-embedding-2", "gemini,gemini-omni-flash-preview"})
    void aModelThatIsBilledByWhatIsNotCountedIsUnpriced(String provider, String model) {
        UsageEvent priced = shipped.price(
                Events.of(provider, model).setUncachedInputTokens(1_000).build());
        assertThat(priced.getCostUsd()).isNull();
    }

    @Test
    void reasoningIsBilledAsOutputUnlessListedApart() {
        UsageEvent priced = shipped.price(Events.of("openai", "o4-mini")
                .setReasoningOutputTokens(1_000_000)
                .build());
        assertThat(priced.getCostUsd()).isEqualByComparingTo("4.4");
    }

    @ParameterizedTest(name = "{0} {1} tier {2}")
    @CsvSource({
        "openai, gpt-unheard-of, ,",
        "nobody, gpt-4o, ,",
        "openai, gpt-4o, flex,",
        "openai, ft:gpt-4o:acme::1, ,"
    })
    void whatHasNoPriceStaysNullAndIsNeverZero(String provider, String model, String tier) {
        UsageEvent event = Events.of(provider, model)
                .setServiceTier(tier)
                .setUncachedInputTokens(10)
                .build();
        assertThat(shipped.price(event)).isEqualTo(event);
        assertThat(shipped.price(event).getCostUsd()).isNull();
    }

    @Test
    void aQuantityWithoutARateLeavesTheWholeUnpriced() {
        UsageEvent event = Events.of("openai", "gpt-4o")
                .setUncachedInputTokens(10)
                .setAudioInputTokens(1)
                .build();
        assertThat(shipped.price(event).getCostUsd()).isNull();
    }

    @Test
    void aCallThatUsedNothingCostsNothingWhenItsModelIsKnown() {
        assertThat(shipped.price(Events.of("openai", "gpt-4o").build()).getCostUsd())
                .isEqualByComparingTo("0");
    }

    @ParameterizedTest
    @CsvSource({
        "200, completed, chat, true",
        "200, client_aborted, chat, true",
        ", client_aborted, chat, true",
        ", upstream_error, chat, false",
        "429, upstream_error, chat, false",
        "200, completed, other, true",
        "404, upstream_error, other, false",
        "200, completed, moderation, false"
    })
    void aServedCallWhoseUsageWasNotSeenHasNoKnownCost(
            Integer status, Outcome outcome, String operation, boolean unpriced) {
        UsageEvent priced = shipped.price(Events.of("openai", "gpt-4o")
                .setOperation(operation)
                .setHttpStatus(status)
                .setOutcome(outcome)
                .build());
        assertThat(priced.getCostUsd() == null).isEqualTo(unpriced);
        assertThat(UsageEvents.isUnpriced(priced)).isEqualTo(unpriced);
    }

    @ParameterizedTest
    @CsvSource({"2025-06-09T23:59:59.999999Z, 10", "2025-06-10T00:00:00Z, 2"})
    void thePriceIsTheOneInForceWhenTheCallEnded(Instant at, BigDecimal expected) {
        UsageEvent event = Events.of("openai", "o3")
                .setOccurredAt(at)
                .setUncachedInputTokens(1_000_000)
                .build();
        assertThat(shipped.price(event).getCostUsd()).isEqualByComparingTo(expected);
    }

    @ParameterizedTest
    @CsvSource({"200000, 0.6", "200001, 1.200006"})
    void aLongContextTierBeginsAboveItsEdgeAndCoversTheWholeCall(long tokens, BigDecimal expected) {
        UsageEvent event = Events.of("anthropic", "claude-sonnet-4-5-20250929")
                .setUncachedInputTokens(tokens)
                .build();
        assertThat(shipped.price(event).getCostUsd()).isEqualByComparingTo(expected);
    }

    @ParameterizedTest
    @CsvSource({"00:59:59, 0.22", "01:00:00, 0.44", "03:59:59, 0.44", "04:00:00, 0.22", "06:30:00, 0.44"})
    void peakHoursCostMore(String time, BigDecimal expected) {
        UsageEvent event = Events.of("deepseek", "deepseek-v4-flash")
                .setOccurredAt(Instant.parse("2026-11-01T" + time + "Z"))
                .setUncachedInputTokens(1_000_000)
                .build();
        assertThat(shipped.price(event).getCostUsd()).isEqualByComparingTo(expected);
    }

    @Test
    void aDatedSnapshotIsBilledAsItsModelButASiblingIsNot() {
        assertThat(shipped.find(query("anthropic", "claude-opus-5-20260401"))).isPresent();
        assertThat(shipped.find(query("anthropic", "claude-opus-5-ultra"))).isEmpty();
    }

    private static PriceQuery query(String provider, String model) {
        return PriceQuery.of(Events.of(provider, model).build());
    }
}
