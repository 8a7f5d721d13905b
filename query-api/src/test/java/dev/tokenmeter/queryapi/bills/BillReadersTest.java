package dev.tokenmeter.queryapi.bills;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tokenmeter.queryapi.bills.BillSheet.Slot;
import dev.tokenmeter.queryapi.problem.Problem;
import dev.tokenmeter.schemas.BillLine;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The providers' documented pages, byte for byte, and what is wrong with others. */
class BillReadersTest {
    private static final Instant NOVEMBER = Instant.parse("2024-11-01T00:00:00Z");
    private static final Instant AUGUST = Instant.parse("2025-08-01T00:00:00Z");

    private static BillSheet read(BillReader reader, String fixture) throws IOException {
        try (InputStream in = BillReadersTest.class.getResourceAsStream("/bills/" + fixture)) {
            return read(reader, in.readAllBytes());
        }
    }

    private static BillSheet read(BillReader reader, byte[] upload) {
        BillSheet sheet = new BillSheet();
        reader.read(upload, sheet);
        return sheet;
    }

    private static BillLine only(BillSheet sheet, String report, Instant day) {
        assertThat(sheet.days()).containsOnlyKeys(new Slot(report, day));
        List<BillLine> lines = sheet.days().get(new Slot(report, day));
        assertThat(lines).hasSize(1);
        return lines.get(0);
    }

    private static BigDecimal usd(String amount) {
        return new BigDecimal(amount).setScale(12);
    }

    @Test
    void openAisCostsAreReadAsTheDecimalsThatStandThere() throws Exception {
        BillSheet sheet = read(new OpenAiCostsReader(), "openai-costs.json");
        assertThat(only(sheet, "costs", NOVEMBER))
                .isEqualTo(BillLine.newBuilder().setAmount(usd("0.06")).build());
        assertThat(sheet.complete()).isTrue();
        assertThat(sheet.linesRead()).isEqualTo(1);
        assertThat(sheet.skipped()).isEmpty();
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', nullValues = "-", textBlock = """
        gpt-4o-2024-08-06, input          | gpt-4o-2024-08-06 | ''
        gpt-4o-2024-08-06, cached input   | gpt-4o-2024-08-06 | ''
        ft:gpt-4o-mini-2024-07-18:acme::x, output | ft:gpt-4o-mini-2024-07-18:acme::x | ''
        tts-1                             | tts-1 | ''
        o3, output                        | o3 | ''
        Image models                      | '' | ''
        Web search tool calls             | '' | web_search_requests
        web search tool calls, gpt-4o     | '' | web_search_requests
        File search tool calls            | '' | file_search_requests
        file search storage               | '' | ''
        Code interpreter sessions         | '' | code_interpreter_sessions
        Completions                       | '' | ''
        ''                                | '' | ''
        """)
    void aLineItemOfOpenAiIsAModelAToolOrWords(String item, String model, String unit) {
        assertThat(OpenAiItem.of(item)).isEqualTo(new OpenAiItem(model, unit));
    }

    @Test
    void openAisInputIncludesWhatWasCached() throws Exception {
        BillSheet sheet = read(new OpenAiUsageReader(), "openai-usage-completions.json");
        BillLine line = only(sheet, "usage.completions", NOVEMBER);
        assertThat(line.getTokens())
                .isEqualTo(Map.of(
                        "uncached_input_tokens", 200L, "cache_read_input_tokens", 800L, "text_output_tokens", 500L));
        assertThat(line.getRequests()).isEqualTo(5);
        assertThat(line.getAmount()).isNull();
        assertThat(sheet.complete()).as("there is a next page").isFalse();

        BillLine embeddings =
                only(read(new OpenAiUsageReader(), "openai-usage-embeddings.json"), "usage.embeddings", NOVEMBER);
        assertThat(embeddings.getTokens()).isEqualTo(Map.of("uncached_input_tokens", 16L));
    }

    @Test
    void openAisAudioStandsBesideTextUnlessTextIsApart() {
        String documented = "\"input_tokens\": 5000, \"output_tokens\": 1000, \"input_cached_tokens\": 4000,"
                + " \"input_audio_tokens\": 300, \"output_audio_tokens\": 200, \"num_model_requests\": 5,"
                + " \"project_id\": \"proj_abc\", \"model\": \"gpt-4o-mini-2024-07-18\"";
        BillLine line = only(usage("completions", documented), "usage.completions", NOVEMBER);
        assertThat(line.getModel()).isEqualTo("gpt-4o-mini-2024-07-18");
        assertThat(line.getAccount()).isEqualTo("proj_abc");
        assertThat(line.getTokens())
                .isEqualTo(Map.of(
                        "uncached_input_tokens", 1000L,
                        "cache_read_input_tokens", 4000L,
                        "audio_input_tokens", 300L,
                        "text_output_tokens", 1000L,
                        "audio_output_tokens", 200L));

        BillLine apart =
                only(usage("completions", documented + ", \"input_text_tokens\": 4700"), "usage.completions", NOVEMBER);
        assertThat(apart.getTokens())
                .containsEntry("uncached_input_tokens", 700L)
                .containsEntry("audio_input_tokens", 300L)
                .containsEntry("text_output_tokens", 800L);
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource({
        "images, images, 2, images",
        "audio_speeches, characters, 45, characters",
        "audio_transcriptions, seconds, 20, seconds",
        "code_interpreter_sessions, num_sessions, 1, code_interpreter_sessions",
        "file_searches, num_requests, 3, file_search_requests",
        "web_searches, num_requests, 4, web_search_requests",
    })
    void openAisOtherReportsCountUnits(String report, String field, long count, String unit) {
        BillLine line = only(usage(report, "\"" + field + "\": " + count), "usage." + report, NOVEMBER);
        assertThat(line.getUnits()).isEqualTo(Map.of(unit, usd(Long.toString(count))));
        assertThat(line.getUnit()).isEqualTo(unit);
    }

    private static BillSheet usage(String report, String fields) {
        return read(
                new OpenAiUsageReader(),
                page(
                        "1730419200",
                        "1730505600",
                        "{\"object\": \"organization.usage." + report + ".result\", " + fields + "}"));
    }

    private static byte[] page(String from, String until, String results) {
        return ("{\"object\":\"page\",\"data\":[{\"object\":\"bucket\",\"start_time\":" + from + ",\"end_time\":"
                        + until + ",\"results\":[" + results + "]}],\"has_more\":false}")
                .getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void anthropicsAmountsAreCents() throws Exception {
        BillSheet sheet = read(new AnthropicCostReader(), "anthropic-cost-report.json");
        BillLine line = only(sheet, "costs", AUGUST);
        assertThat(line.getAmount()).isEqualTo(usd("1.2378912"));
        assertThat(line.getCurrency()).isEqualTo("USD");
        assertThat(line.getModel()).isEqualTo("claude-sonnet-4-20250514");
        assertThat(line.getItem()).isEqualTo("Claude Sonnet 4 Usage - Input Tokens");
        assertThat(line.getAccount()).isEqualTo("wrkspc_01JwQvzr7rXLA5AGx3HKfFUJ");
        assertThat(sheet.complete()).isFalse();
    }

    @Test
    void anthropicsSearchesAreALineOfTheirOwn() {
        String searches = "{\"data\":[{\"starting_at\":\"2025-08-01T00:00:00Z\",\"ending_at\":\"2025-08-02T00:00:00Z\","
                + "\"results\":[{\"amount\":\"30\",\"currency\":\"USD\",\"cost_type\":\"web_search\",\"model\":null,"
                + "\"description\":\"Web Search Usage\"},{\"amount\":\"500\",\"currency\":\"JPY\",\"cost_type\":\"tokens\"}]}]}";
        BillSheet sheet = read(new AnthropicCostReader(), searches.getBytes(StandardCharsets.UTF_8));
        List<BillLine> lines = sheet.days().get(new Slot("costs", AUGUST));
        assertThat(lines.get(0).getUnit()).isEqualTo("web_search_requests");
        assertThat(lines.get(0).getAmount()).isEqualTo(usd("0.3"));
        assertThat(lines.get(1).getAmount()).as("a yen has no hundredths").isEqualTo(usd("500"));
        assertThat(lines.get(1).getCurrency()).isEqualTo("JPY");
    }

    @Test
    void anthropicsUncachedInputExcludesTheCache() throws Exception {
        BillLine line = only(read(new AnthropicUsageReader(), "anthropic-usage-report.json"), "usage.messages", AUGUST);
        assertThat(line.getModel()).isEqualTo("claude-opus-5");
        assertThat(line.getTokens())
                .isEqualTo(Map.of(
                        "uncached_input_tokens", 1500L,
                        "cache_read_input_tokens", 200L,
                        "cache_write_5m_input_tokens", 500L,
                        "cache_write_1h_input_tokens", 1000L,
                        "text_output_tokens", 500L));
        assertThat(line.getUnits()).isEqualTo(Map.of("web_search_requests", usd("10")));
    }

    @Test
    void aTableIsReadUnderAMapping() throws Exception {
        CsvMapping mapping = CsvMapping.parse(
                "day=start_time_iso,item=line_item,amount=amount_value,currency=amount_currency,account=project_id");
        BillSheet sheet = read(new CsvReader(mapping), "openai-dashboard-costs.tsv");
        assertThat(sheet.days())
                .isEqualTo(Map.of(
                        new Slot("costs", Instant.parse("2025-10-05T00:00:00Z")),
                        List.of(BillLine.newBuilder()
                                .setItem("gpt-5-mini-2025-08-07, input")
                                .setModel("gpt-5-mini-2025-08-07")
                                .setAccount("proj_1")
                                .setAmount(usd("0.895874"))
                                .build()),
                        new Slot("costs", Instant.parse("2025-10-06T00:00:00Z")),
                        List.of(BillLine.newBuilder()
                                .setAmount(usd("0.56177125"))
                                .build())));
        assertThat(sheet.linesRead()).isEqualTo(3);
        assertThat(sheet.skipped()).containsOnlyKeys("amount: found ''; allowed: a number such as 12.50");
    }

    @Test
    void aRowWithMoneyAndTokensIsALineOfEach() {
        String table =
                "date;model;in;cached;out;eur\n2026-11-01;m;\"1000\";400;50;1.5\n2026-11-01;m;1;0;2;0.25\nsoon;m;1;1;1;1\n";
        CsvMapping mapping = CsvMapping.parse(
                "day=date,model=model,input_tokens=in,cached_input_tokens=cached,output_tokens=out,amount=eur");
        BillSheet sheet = read(new CsvReader(mapping), table.getBytes(StandardCharsets.UTF_8));
        Instant day = Instant.parse("2026-11-01T00:00:00Z");
        assertThat(sheet.days().get(new Slot("costs", day)).get(0).getAmount()).isEqualTo(usd("1.75"));
        assertThat(sheet.days().get(new Slot("usage.all", day)).get(0).getTokens())
                .isEqualTo(Map.of(
                        "uncached_input_tokens", 601L, "cache_read_input_tokens", 400L, "text_output_tokens", 52L));
        assertThat(sheet.skipped()).hasSize(1);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
        "1,234.50";"2000000";""   | amount: found '1,234.50'
        12,50;2000000;            | amount: found '12,50'
        $12.50;2000000;           | amount: found '$12.50'
        12.50;"2,000,000";        | input_tokens: found '2,000,000'
        12.50;2000000;many        | requests: found 'many'
        """)
    void aRowWithWhatShouldBeANumberAndIsNoneIsSkippedAndTold(String cells, String named) {
        String table = "date;model;usd;in;calls\n2026-11-03;gpt-4o;" + cells + "\n2026-11-03;gpt-4o;;7;\n";
        CsvMapping mapping = CsvMapping.parse("day=date,model=model,amount=usd,input_tokens=in,requests=calls");
        BillSheet sheet = read(new CsvReader(mapping), table.getBytes(StandardCharsets.UTF_8));
        assertThat(sheet.skipped()).hasSize(1);
        assertThat(sheet.skipped().keySet().iterator().next()).contains(named);
        Instant day = Instant.parse("2026-11-03T00:00:00Z");
        assertThat(sheet.days().keySet()).containsExactly(new Slot("usage.all", day));
        assertThat(sheet.days().get(new Slot("usage.all", day)).get(0).getTokens())
                .isEqualTo(Map.of("uncached_input_tokens", 7L));
    }

    @Test
    void whatIsNotAWholeDayIsLeftOutAndTold() {
        BillSheet sheet = read(
                new OpenAiCostsReader(),
                page(
                        "1730419200",
                        "1730422800",
                        "{\"object\":\"organization.costs.result\",\"amount\":{\"value\":1}}"));
        assertThat(sheet.days()).isEmpty();
        assertThat(sheet.skipped().keySet()).singleElement().asString().contains("bucket_width=1d");
    }

    @Test
    void aDayWithoutUseIsADayOfItsReport() {
        byte[] empty = page("1730419200", "1730505600", "");
        assertThat(read(new OpenAiCostsReader(), empty).days())
                .isEqualTo(Map.of(new Slot("costs", NOVEMBER), List.of()));
    }

    /** Documented under /organization/usage/web_search_calls; those calls are in the report of completions as well. */
    @Test
    void theCallsThatSearchedAreNotCountedTwice() {
        BillSheet sheet = read(
                new OpenAiUsageReader(),
                page(
                        "1730419200",
                        "1730505600",
                        "{\"object\":\"organization.usage.web_searches.result\",\"num_requests\":7,"
                                + "\"num_model_requests\":5,\"model\":\"gpt-5-2025-08-07\"}"));
        BillLine line = only(sheet, "usage.web_searches", NOVEMBER);
        assertThat(line.getRequests()).isNull();
        assertThat(line.getUnit()).isEqualTo("web_search_requests");
        assertThat(line.getUnits()).containsEntry("web_search_requests", new BigDecimal("7").setScale(12));
    }

    @Test
    void amountsMayBeTextsAndWhatIsNoneIsSkipped() {
        BillSheet sheet = read(
                new OpenAiCostsReader(),
                page(
                        "1730419200",
                        "1730505600",
                        "{\"object\":\"organization.costs.result\",\"amount\":{\"value\":\"1.50\",\"currency\":\"usd\"}},"
                                + "{\"object\":\"organization.costs.result\",\"amount\":{\"value\":-0.25,\"currency\":\"usd\"}},"
                                + "{\"object\":\"organization.costs.result\",\"amount\":{\"value\":1e999999999}},"
                                + "{\"object\":\"organization.costs.result\"},{\"object\":\"other\"}"));
        assertThat(only(sheet, "costs", NOVEMBER).getAmount()).isEqualTo(usd("1.25"));
        assertThat(sheet.skipped().values().stream().mapToInt(Integer::intValue).sum())
                .isEqualTo(3);
    }

    @ParameterizedTest
    @CsvSource({
        "day, mapping",
        "day=d, amount",
        "day=d;colour=c, colour",
        "amount=a, day",
    })
    void aWrongMappingIsNamed(String mapping, String named) {
        assertThatThrownBy(() -> CsvMapping.parse(mapping.replace(';', ',')))
                .isInstanceOf(Problem.Exception.class)
                .hasMessageContaining(named);
    }

    @Test
    void aColumnThatIsNotThereIsNamed() {
        CsvReader reader = new CsvReader(CsvMapping.parse("day=date,amount=total"));
        assertThatThrownBy(() -> read(reader, "date,cost\n2026-11-01,1\n".getBytes(StandardCharsets.UTF_8)))
                .hasMessageContaining("'total'")
                .hasMessageContaining("date, cost");
    }

    @ParameterizedTest
    @CsvSource({"'{', not JSON", "'{}', data", "'', empty", "'[{\"data\":[]},{\"x\":1}]', page 2"})
    void whatIsNoPageIsRefused(String upload, String named) {
        assertThatThrownBy(() -> read(new OpenAiCostsReader(), upload.getBytes(StandardCharsets.UTF_8)))
                .isInstanceOf(Problem.Exception.class)
                .hasMessageContaining(named);
    }
}
