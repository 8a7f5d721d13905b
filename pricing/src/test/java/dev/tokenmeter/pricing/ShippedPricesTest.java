package dev.tokenmeter.pricing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenmeter.schemas.UsageEvent;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is shipped against what the providers publish; each row names the page. */
class ShippedPricesTest {
    private final PriceBook shipped = PriceBook.shipped();

    @ParameterizedTest(name = "{0} {1}: {2} in, {3} out")
    @CsvSource(textBlock = """
        # https://platform.openai.com/docs/pricing
        openai, gpt-4o, 2.50, 10
        openai, gpt-4o-2024-05-13, 5, 15
        openai, gpt-4o-mini, 0.15, 0.60
        openai, gpt-4.1, 2, 8
        openai, gpt-4.1-mini, 0.40, 1.60
        openai, gpt-4.1-nano, 0.10, 0.40
        openai, gpt-5, 1.25, 10
        openai, gpt-5-mini, 0.25, 2
        openai, gpt-5-nano, 0.05, 0.40
        openai, gpt-5.1, 1.25, 10
        openai, gpt-5.2, 1.75, 14
        openai, o3, 2, 8
        openai, o4-mini, 1.10, 4.40
        openai, o1, 15, 60
        openai, gpt-3.5-turbo, 0.50, 1.50
        # https://docs.claude.com/en/docs/about-claude/pricing
        anthropic, claude-opus-4-1-20250805, 15, 75
        anthropic, claude-opus-4-5-20251101, 5, 25
        anthropic, claude-sonnet-4-5-20250929, 3, 15
        anthropic, claude-haiku-4-5-20251001, 1, 5
        anthropic, claude-3-5-haiku-20241022, 0.80, 4
        anthropic, claude-3-haiku-20240307, 0.25, 1.25
        # https://ai.google.dev/gemini-api/docs/pricing
        gemini, gemini-2.5-pro, 1.25, 10
        gemini, gemini-2.5-flash, 0.30, 2.50
        gemini, gemini-2.5-flash-lite, 0.10, 0.40
        # https://mistral.ai/pricing
        mistral, codestral-latest, 0.30, 0.90
        mistral, mistral-large-2512, 0.50, 1.50
        # https://groq.com/pricing
        groq, llama-3.3-70b-versatile, 0.59, 0.79
        groq, openai/gpt-oss-120b, 0.15, 0.60
        # https://docs.x.ai/docs/models
        xai, grok-4-0709, 3, 15
        # https://cohere.com/pricing
        cohere, command-a-03-2025, 2.50, 10
        cohere, command-r7b-12-2024, 0.0375, 0.15
        # https://aws.amazon.com/bedrock/pricing/
        bedrock, amazon.nova-pro-v1:0, 0.80, 3.20
        bedrock, amazon.nova-lite-v1:0, 0.06, 0.24
        bedrock, amazon.nova-micro-v1:0, 0.035, 0.14
        bedrock, global.anthropic.claude-haiku-4-5-20251001-v1:0, 1, 5
        # https://azure.microsoft.com/pricing/details/cognitive-services/openai-service/
        azure, gpt-4o-2024-08-06, 2.50, 10
        azure, gpt-4.1-mini-2025-04-14, 0.40, 1.60
        # https://openrouter.ai/openai/gpt-4o
        openrouter, openai/gpt-4o, 2.50, 10
        """)
    void aMillionTokensEachWayCostWhatTheProviderPublishes(
            String provider, String model, BigDecimal input, BigDecimal output) {
        assertThat(cost(Calls.of(provider, model, "uncached_input_tokens=100000")))
                .isEqualByComparingTo(input.movePointLeft(1));
        assertThat(cost(Calls.of(provider, model, "text_output_tokens=1000000")))
                .isEqualByComparingTo(output);
    }

    /**
     * One row for each unit that is billed.
     *
     * @param tier as the answer states it; null for none
     */
    @ParameterizedTest(name = "{0} {1} tier {2} region {3}: {4}")
    @CsvSource(textBlock = """
        # https://platform.openai.com/docs/guides/prompt-caching: cached input
        openai, gpt-4o, , , uncached_input_tokens=1000 cache_read_input_tokens=1920 text_output_tokens=300, 0.0079
        # https://platform.openai.com/docs/guides/batch: half of input and output
        openai, gpt-4o, batch, , uncached_input_tokens=1000000 text_output_tokens=1000000, 6.25
        # https://platform.openai.com/docs/guides/flex-processing: batch rates
        openai, o3, flex, , uncached_input_tokens=1000000 text_output_tokens=1000000, 5
        # https://openai.com/api-priority-processing/
        openai, gpt-4o, priority, , uncached_input_tokens=1000000 text_output_tokens=1000000, 21.25
        # https://platform.openai.com/docs/pricing: fine-tuned models have rates of their own
        openai, ft:gpt-4o-2024-08-06:acme:support:abc123, , , uncached_input_tokens=1000000 text_output_tokens=1000000, 18.75
        openai, ft:gpt-4.1-mini-2025-04-14:acme::x, , , uncached_input_tokens=1000000 text_output_tokens=1000000, 4
        # https://platform.openai.com/docs/pricing, audio tokens
        openai, gpt-realtime, , , uncached_input_tokens=1000000 audio_input_tokens=1000000 audio_output_tokens=1000000, 100
        openai, gpt-realtime, , , cache_read_audio_tokens=1000000 text_output_tokens=1000000, 16.4
        openai, gpt-realtime, , , image_input_tokens=1000000, 5
        # https://platform.openai.com/docs/pricing, image generation, by token and by image
        openai, gpt-image-1, , , uncached_input_tokens=1000000 image_input_tokens=1000000 image_output_tokens=1000000, 55
        openai, gpt-image-1, , , images:1024x1024:high=2, 0.334
        openai, gpt-image-1, , , images:1024x1536:low=1, 0.016
        # https://platform.openai.com/docs/pricing, transcription and speech: 0.006 a minute, 15 a million characters
        openai, whisper-1, , , seconds=60, 0.006
        openai, whisper-1, , , seconds=8.470, 0.000847
        openai, tts-1, , , characters=4096, 0.06144
        # https://platform.openai.com/docs/pricing, built-in tools
        openai, gpt-5, , , web_search_requests=3 file_search_requests=2 code_interpreter_sessions=1, 0.065
        # https://docs.claude.com/en/docs/about-claude/pricing: writes 1.25 and 2 times, reads a tenth; batches half
        anthropic, claude-sonnet-4-5-20250929, , , cache_write_5m_input_tokens=100000, 0.375
        anthropic, claude-sonnet-4-5-20250929, , , cache_write_1h_input_tokens=100000, 0.6
        anthropic, claude-sonnet-4-5-20250929, standard, , cache_read_input_tokens=100000, 0.03
        anthropic, claude-sonnet-4-5-20250929, batch, , uncached_input_tokens=100000 text_output_tokens=100000, 0.9
        anthropic, claude-sonnet-4-5-20250929, batch, , cache_write_1h_input_tokens=100000, 0.3
        anthropic, claude-haiku-4-5-20251001, , , web_search_requests=7 web_fetch_requests=9, 0.07
        # https://docs.claude.com/en/docs/build-with-claude/data-residency: 1.1 times for US-only inference
        anthropic, claude-opus-4-6, , us, uncached_input_tokens=100000 text_output_tokens=100000, 3.3
        anthropic, claude-opus-4-6, , global, uncached_input_tokens=100000 text_output_tokens=100000, 3
        # https://ai.google.dev/gemini-api/docs/pricing
        gemini, gemini-2.5-flash, , , audio_input_tokens=1000000 reasoning_output_tokens=1000000, 3.5
        gemini, gemini-2.5-flash, , , cache_read_audio_tokens=1000000, 0.1
        gemini, gemini-2.5-pro, batch, , uncached_input_tokens=100000 text_output_tokens=100000, 0.5625
        gemini, gemini-2.5-flash-image, , , image_output_tokens=1290, 0.0387
        gemini, models/gemini-2.5-pro, , , uncached_input_tokens=100000, 0.125
        # https://mistral.ai/pricing: OCR, 4 USD for 1,000 pages
        mistral, mistral-ocr-latest, , , pages=1000, 4
        # https://groq.com/pricing: 0.111 an hour
        groq, whisper-large-v3, , , seconds=3600, 0.110988
        # https://cohere.com/pricing: rerank, 2 USD for 1,000 searches
        cohere, rerank-v3.5, , , search_units=1000, 2
        cohere, embed-v4.0, , , uncached_input_tokens=1000000, 0.12
        # https://aws.amazon.com/bedrock/pricing/: a regional profile costs a tenth more than a global one
        bedrock, us.anthropic.claude-sonnet-4-5-20250929-v1:0, , , uncached_input_tokens=100000, 0.33
        bedrock, global.anthropic.claude-sonnet-4-5-20250929-v1:0, , , uncached_input_tokens=100000, 0.3
        bedrock, amazon.nova-pro-v1:0, flex, , uncached_input_tokens=1000000 text_output_tokens=1000000, 2
        # https://azure.microsoft.com/pricing/details/cognitive-services/openai-service/: data zone
        azure, gpt-4o-2024-08-06, , eu, uncached_input_tokens=1000000, 2.75
        azure, gpt-4o-2024-08-06, , , uncached_input_tokens=1000000, 2.5
        """)
    void eachUnitCostsWhatTheProviderPublishes(
            String provider, String model, String tier, String region, String quantities, BigDecimal expected) {
        UsageEvent.Builder call =
                Calls.of(provider, model, quantities).setServiceTier(tier).setRegion(region);
        assertThat(cost(call)).isEqualByComparingTo(expected);
    }

    /** Above or from: as each provider says it; and the whole call is at the tier's rate. */
    @ParameterizedTest(name = "{0} {1}: {2} tokens")
    @CsvSource(textBlock = """
        # https://ai.google.dev/gemini-api/docs/pricing: "prompts <= 200k tokens", "prompts > 200k tokens"
        gemini, gemini-2.5-pro, 200000, 0.25
        gemini, gemini-2.5-pro, 200001, 0.5000025
        # https://platform.openai.com/docs/models/gpt-5.4: "> 272K input tokens"
        openai, gpt-5.4, 272000, 0.68
        openai, gpt-5.4, 272001, 1.360005
        # https://docs.x.ai/docs/models: "200k and above"
        xai, grok-4.3, 199999, 0.24999875
        xai, grok-4.3, 200000, 0.5
        """)
    void aTierBeginsWhereTheProviderSays(String provider, String model, long tokens, BigDecimal expected) {
        assertThat(cost(Calls.of(provider, model, "uncached_input_tokens=" + tokens)))
                .isEqualByComparingTo(expected);
    }

    @ParameterizedTest(name = "{0} {1} is not priced as another model")
    @CsvSource({
        "openai, gpt-4o-audio-preview-2099",
        "openai, gpt-4o-ultra",
        "openai, gpt-4o-2024-08-06-custom",
        "openai, ft:gpt-unheard-of:acme::1",
        "openai, gpt-5-turbo-max",
        "openai, my-gpt-4o",
        "anthropic, claude-opus-4-5-turbo",
        "anthropic, gpt-4o",
        "gemini, gemini-2.5-pro-ultra",
        "bedrock, mars.anthropic.claude-sonnet-4-5-20250929-v1:0",
        "openrouter, openai/gpt-4o:nitro",
        "acme, gpt-4o"
    })
    void noModelGetsTheRateOfAnother(String provider, String model) {
        assertThat(cost(Calls.of(provider, model, "uncached_input_tokens=1000")))
                .isNull();
    }

    @ParameterizedTest(name = "{0} {1} {2}")
    @CsvSource({
        "2026-08-16T15:59:59Z, 0.14", // https://api-docs.deepseek.com/quick_start/pricing, as it changed
        "2026-08-16T16:00:00Z, 0.22",
        "2026-08-17T01:00:00Z, 0.44",
        "2026-11-24T00:30:00Z, 0.15", // a Tuesday: off-peak until 01:00
        "2026-11-24T01:00:00Z, 0.3",
        "2026-11-28T02:00:00Z, 0.15", // a Saturday: off-peak all day
    })
    void historyAndHoursArePartOfThePrice(Instant at, BigDecimal expected) {
        assertThat(cost(Calls.of("deepseek", "deepseek-v4-flash", "uncached_input_tokens=1000000")
                        .setOccurredAt(at)))
                .isEqualByComparingTo(expected);
    }

    @Test
    void everyProviderThatPeopleUseIsThereWithManyModels() {
        Set<String> names = shipped.prices(PriceSource.SHIPPED).stream()
                .flatMap(price -> Stream.concat(price.names().models().stream(), price.names().datedModels().stream())
                        .map(name -> price.provider() + "/" + name))
                .collect(Collectors.toSet());
        assertThat(names).hasSizeGreaterThan(2_000);
        for (String provider : new String[] {
            "openai",
            "anthropic",
            "gemini",
            "deepseek",
            "mistral",
            "groq",
            "xai",
            "cohere",
            "bedrock",
            "azure",
            "openrouter"
        }) {
            assertThat(names).anyMatch(name -> name.startsWith(provider + "/"));
        }
    }

    private BigDecimal cost(UsageEvent.Builder call) {
        return shipped.price(call.build()).getCostUsd();
    }
}
