package dev.tokenmeter.pricing.lists;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import dev.tokenmeter.pricing.InvalidPriceException;
import dev.tokenmeter.pricing.Price;
import dev.tokenmeter.pricing.PriceBook;
import dev.tokenmeter.pricing.PriceFile;
import dev.tokenmeter.pricing.PriceFileWriter;
import dev.tokenmeter.pricing.PriceSource;
import dev.tokenmeter.schemas.TokenKind;
import java.io.ByteArrayInputStream;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.DayOfWeek;
import java.time.Instant;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PriceListsTest {
    @Test
    void liteLlmsSuffixesBecomeTiersOfContextAndService() {
        // As it stands in model_prices_and_context_window.json of litellm 1.109.1.
        PriceList list = read("""
                {"gpt-5.4": {"litellm_provider": "openai", "mode": "chat",
                  "input_cost_per_token": 2.5e-06, "output_cost_per_token": 1.5e-05,
                  "cache_read_input_token_cost": 2.5e-07, "cache_creation_input_token_cost_above_1hr": 6e-06,
                  "input_cost_per_token_above_272k_tokens": 5e-06, "output_cost_per_token_above_272k_tokens": 2.25e-05,
                  "input_cost_per_token_batches": 1.25e-06, "output_cost_per_token_batches": 7.5e-06,
                  "input_cost_per_token_above_272k_tokens_batches": 2.5e-06,
                  "input_cost_per_token_priority": 5e-06, "output_cost_per_token_priority": 3e-05,
                  "regional_processing_uplift_multiplier_eu": 1.1,
                  "search_context_cost_per_query": {"search_context_size_low": 0.01, "search_context_size_high": 0.01},
                  "max_tokens": 128000, "supports_vision": true}}""");
        assertThat(list.findings()).isEmpty();
        assertThat(list.prices()).hasSize(3);
        Price standard = byId(list, "list:openai/gpt-5.4");
        assertThat(standard.rates().perMillionTokens())
                .containsEntry(TokenKind.UNCACHED_INPUT, new BigDecimal("2.5"))
                .containsEntry(TokenKind.TEXT_OUTPUT, new BigDecimal("15"))
                .containsEntry(TokenKind.CACHE_READ_INPUT, new BigDecimal("0.25"))
                .containsEntry(TokenKind.CACHE_WRITE_1H_INPUT, new BigDecimal("6"));
        assertThat(standard.rates().perUnit()).containsEntry("web_search_requests", new BigDecimal("0.01"));
        assertThat(standard.regions()).containsEntry("eu", new BigDecimal("1.1"));
        assertThat(standard.contextTiers()).singleElement().satisfies(tier -> {
            assertThat(tier.fromInputTokens()).isEqualTo(272_001);
            assertThat(tier.rates().perMillionTokens()).containsEntry(TokenKind.TEXT_OUTPUT, new BigDecimal("22.5"));
        });
        assertThat(byId(list, "list:openai/gpt-5.4+batch").serviceTiers()).containsExactly("batch");
        // The list has no priority price for long inputs, so there is none.
        assertThat(byId(list, "list:openai/gpt-5.4+priority").contextTiers())
                .singleElement()
                .satisfies(tier -> assertThat(tier.rates().perMillionTokens()).isEmpty());
    }

    @Test
    void liteLlmsProvidersAndImagesGetTheNamesThatEventsHave() {
        PriceList list = read("""
                {"cohere/rerank-v3.5": {"litellm_provider": "cohere", "mode": "rerank", "input_cost_per_query": 0.002},
                 "command-r": {"litellm_provider": "cohere_chat", "mode": "chat",
                   "input_cost_per_token": 1.5e-07, "output_cost_per_token": 6e-07},
                 "high/1024-x-1024/gpt-image-1": {"litellm_provider": "openai", "mode": "image_generation",
                   "input_cost_per_image": 0.167, "input_cost_per_pixel": 1.59263611e-07},
                 "azure/eu/gpt-4o": {"litellm_provider": "azure", "mode": "chat",
                   "input_cost_per_token": 2.75e-06, "output_cost_per_token": 1.1e-05},
                 "whisper-1": {"litellm_provider": "openai", "mode": "audio_transcription",
                   "input_cost_per_second": 0.0001, "output_cost_per_second": 0.0001}}""");
        assertThat(list.prices())
                .extracting(
                        Price::provider,
                        price -> price.names().first(),
                        price -> price.rates().perUnit())
                .contains(
                        tuple("cohere", "rerank-v3.5", Map.of("search_units", new BigDecimal("0.002"))),
                        tuple("cohere", "command-r", Map.of()),
                        tuple("openai", "gpt-image-1", Map.of("images:1024x1024:high", new BigDecimal("0.167"))),
                        tuple("azure", "eu/gpt-4o", Map.of()),
                        tuple("openai", "whisper-1", Map.of("seconds", new BigDecimal("0.0001"))));
    }

    @Test
    void liteLlmsOffPeakHoursKeepTheirWeekdays() {
        PriceList list = read("""
                {"deepseek-v4-flash": {"litellm_provider": "deepseek", "mode": "chat",
                  "input_cost_per_token": 3e-07, "output_cost_per_token": 1.2e-06,
                  "off_peak_pricing": {"input_cost_per_token": 1.5e-07, "output_cost_per_token": 6e-07, "windows": [
                    {"hours_utc": ["00:00-01:00", "10:00-00:00"], "weekdays": [1, 2, 3, 4, 5]},
                    {"hours_utc": "00:00-00:00", "weekdays": [6, 7]}]}}}""");
        assertThat(byId(list, "list:deepseek/deepseek-v4-flash+off-peak")
                        .validity()
                        .hours())
                .hasSize(3)
                .last()
                .satisfies(hours ->
                        assertThat(hours.days()).containsExactlyInAnyOrder(DayOfWeek.SATURDAY, DayOfWeek.SUNDAY));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                // Zero may be free or not known: it is never taken for a price.
                "{'m': {'litellm_provider': 'p', 'mode': 'chat', 'input_cost_per_token': 0, 'output_cost_per_token': 0}}",
                "{'m': {'litellm_provider': 'p', 'mode': 'chat', 'input_cost_per_token': 0, 'output_cost_per_token': 1e-6}}",
                "{'m': {'litellm_provider': 'p', 'mode': 'video_generation', 'output_cost_per_second': 1}}",
                "{'m': {'litellm_provider': 'p', 'mode': 'chat', 'input_cost_per_token': -1e-6}}",
                "{'m': {'litellm_provider': 'p', 'mode': 'chat', 'input_cost_per_token': 1e999}}",
                "{'m': {'litellm_provider': 'p', 'mode': 'chat', 'input_cost_per_token': [1]}}",
                "{'m': {'litellm_provider': 'p', 'mode': 'chat', 'input_cost_per_token': 1.23456789e-12}}",
                "{'m': {'litellm_provider': 'p', 'mode': 'chat'}}",
                "{'m': 1}",
                "[{'id': 'p', 'models': [{'id': 'm', 'match': {'regex': '.*'}, 'prices': {'input_mtok': 1}}]}]",
                "[{'id': 'p', 'models': [{'id': 'm', 'match': {'equals': 'm'}, 'prices': {'input_mtok': 0}}]}]",
                "[{'id': 'p', 'models': [{'id': 'm', 'match': {'equals': 'm'}, 'prices': {'video_hours': 1}}]}]",
                "{'prices': [{'provider': 'p', 'models': ['m'], 'usd_per_million_tokens': {'text_output_tokens': 1}}]}",
            })
    void whatCannotBeTakenIsLeftOutAndNamed(String json) {
        PriceList list = read(json.replace('\'', '"'));
        assertThat(list.prices()).isEmpty();
        assertThat(list.findings())
                .isNotEmpty()
                .allSatisfy(finding -> assertThat(finding.taken()).isFalse());
    }

    @Test
    void genaiPricesDatesTiersAndHoursAreKept() {
        PriceList list = read("""
                [{"id": "x-ai", "models": [{"id": "grok", "match": {"or": [{"equals": "grok-5"},
                    {"regex": "^grok-5-\\\\d{4}-\\\\d{2}-\\\\d{2}$"}]},
                  "prices": [
                    {"prices": {"input_mtok": 4, "web_searches_kcount": 5}},
                    {"constraint": {"type": "start_date", "start_date": "2026-08-12"},
                     "prices": {"input_mtok": {"base": 2, "tiers": [{"start": 199999, "price": 4}]}}},
                    {"constraint": {"type": "time_of_date", "start_time": "16:30:00Z", "end_time": "00:30:00Z"},
                     "prices": {"input_mtok": 1}}]}]}]""");
        assertThat(list.prices()).hasSize(3);
        Price before = byId(list, "list:xai/grok-5");
        assertThat(before.validity().until()).isEqualTo(Instant.parse("2026-08-12T00:00:00Z"));
        assertThat(before.rates().perUnit()).containsEntry("web_search_requests", new BigDecimal("0.005"));
        assertThat(before.names().datedModels()).containsExactly("grok-5");
        assertThat(byId(list, "list:xai/grok-5@2026-08-12").contextTiers())
                .singleElement()
                .satisfies(tier -> assertThat(tier.fromInputTokens()).isEqualTo(200_000));
        assertThat(byId(list, "list:xai/grok-5@2026-08-12+16:30").validity().hours())
                .hasSize(1);
    }

    /** Otherwise a polled list would leave unpriced what the shipped one prices. */
    @Test
    void whatProvidersDocumentOnceForAllModelsIsAddedToEach() {
        PriceList list = read("""
                {"claude-x": {"litellm_provider": "anthropic", "mode": "chat", "input_cost_per_token": 4e-06,
                   "output_cost_per_token": 2e-05, "cache_creation_input_token_cost_batches": 2.5e-06,
                   "input_cost_per_token_batches": 2e-06, "output_cost_per_token_batches": 1e-05},
                 "gpt-x": {"litellm_provider": "openai", "mode": "chat", "input_cost_per_token": 4e-06,
                   "output_cost_per_token": 2e-05}}""");
        assertThat(byId(list, "list:anthropic/claude-x").rates().perUnit())
                .containsEntry("web_fetch_requests", BigDecimal.ZERO);
        assertThat(byId(list, "list:anthropic/claude-x+batch").rates().perMillionTokens())
                .containsEntry(TokenKind.CACHE_WRITE_1H_INPUT, new BigDecimal("4"));
        assertThat(byId(list, "list:openai/gpt-x").rates().perUnit())
                .containsEntry("file_search_requests", new BigDecimal("0.0025"));
    }

    @Test
    void aRuleThatMeansWhateverBeginsSoPricesNoOtherModel() {
        PriceList list = read("""
                [{"id": "openai", "models": [{"id": "gpt-4o", "match": {"starts_with": "gpt-4o"},
                  "prices": {"input_mtok": 2.5}}]}]""");
        assertThat(list.prices().get(0).names().patterns()).isEmpty();
        assertThat(list.prices().get(0).names().datedModels()).containsExactly("gpt-4o");
    }

    @Test
    void ourOwnFormatComesBackAsItWasWritten() throws Exception {
        var shipped = PriceBook.shipped().prices(PriceSource.SHIPPED);
        byte[] written = PriceFileWriter.write(Map.of("format", "tokenmeter-prices/1"), shipped)
                .getBytes(StandardCharsets.UTF_8);
        assertThat(PriceFile.read(new ByteArrayInputStream(written), "shipped")).isEqualTo(shipped);
        assertThat(PriceLists.read(written, "shipped").prices()).isEqualTo(shipped);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "nul", "1", "\"x\"", "{\"a\":", "{} {}"})
    void whatIsNoListIsRefused(String text) {
        assertThatThrownBy(() -> read(text)).isInstanceOf(InvalidPriceException.class);
    }

    @Test
    void aListThatIsNestedOrLongBeyondMeasureIsRefused() {
        assertThatThrownBy(() -> read("[".repeat(100_000))).isInstanceOf(InvalidPriceException.class);
        assertThatThrownBy(() -> read("{\"m\": " + "9".repeat(10_000) + "}")).isInstanceOf(InvalidPriceException.class);
        assertThatThrownBy(() -> PriceLists.read(new byte[PriceLists.MAX_BYTES + 1], "list"))
                .isInstanceOf(InvalidPriceException.class);
    }

    /** Whatever bytes come, a reader answers with prices or with the one exception that it names. */
    @Property(tries = 300)
    void noBytesBreakAReader(@ForAll @Size(max = 200) byte[] bytes) {
        try {
            PriceLists.read(bytes, "list");
        } catch (InvalidPriceException e) {
            assertThat(e.getMessage()).startsWith("list");
        }
    }

    /** Nor does whatever value in the place of another. */
    @Property(tries = 300)
    void noValueBreaksAReader(@ForAll("keys") String key, @ForAll("values") String value) {
        read("{\"m\": {\"litellm_provider\": \"p\", \"mode\": \"chat\", \"input_cost_per_token\": 1e-6, \"" + key
                + "\": " + value + "}}");
        read(
                "[{\"id\": \"p\", \"models\": [{\"id\": \"m\", \"match\": {\"equals\": \"m\"}, \"prices\": {\"input_mtok\": "
                        + value + "}}, {\"id\": \"m\", \"match\": " + value + ", \"prices\": " + value + "}]}, " + value
                        + "]");
        read("{\"prices\": [{\"provider\": \"p\", \"models\": " + value + ", \"hours_utc\": " + value + "}, " + value
                + "]}");
    }

    @Provide
    Arbitrary<String> keys() {
        return Arbitraries.of(
                "litellm_provider",
                "mode",
                "output_cost_per_token",
                "input_cost_per_token_above_200k_tokens",
                "tiered_pricing",
                "off_peak_pricing",
                "search_context_cost_per_query",
                "provider_specific_entry",
                "regional_processing_uplift_multiplier_eu",
                "input_cost_per_second",
                "input_cost_per_video_token");
    }

    @Provide
    Arbitrary<String> values() {
        return Arbitraries.of(
                "null",
                "true",
                "-1",
                "0",
                "1e-6",
                "1e50",
                "1e-50",
                "\"x\"",
                "[]",
                "{}",
                "[[1]]",
                "[null]",
                "{\"us\": -1}",
                "{\"a\": {\"b\": []}}",
                "[{\"range\": [0]}]",
                "[{\"range\": [-1, 2]}]",
                "{\"windows\": [{\"hours_utc\": \"x\"}]}",
                "{\"base\": null, \"tiers\": [{\"start\": -1}]}");
    }

    private static PriceList read(String json) {
        return PriceLists.read(json.getBytes(StandardCharsets.UTF_8), "list");
    }

    private static Price byId(PriceList list, String id) {
        return list.prices().stream()
                .filter(price -> price.id().equals(id))
                .findFirst()
                .orElseThrow(() -> new AssertionError(id + " not in " + list));
    }
}
