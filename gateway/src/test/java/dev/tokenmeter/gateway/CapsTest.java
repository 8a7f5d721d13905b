package dev.tokenmeter.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.anthropic.client.okhttp.AnthropicOkHttpClient;
import com.anthropic.models.messages.MessageCreateParams;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import dev.tokenmeter.pricing.PriceBook;
import dev.tokenmeter.schemas.Budget;
import dev.tokenmeter.schemas.BudgetStatus;
import dev.tokenmeter.schemas.Money;
import dev.tokenmeter.schemas.Outcome;
import dev.tokenmeter.schemas.TokenKind;
import dev.tokenmeter.schemas.UsageEvent;
import dev.tokenmeter.schemas.budget.BudgetPeriod;
import dev.tokenmeter.service.Health;
import java.math.BigDecimal;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalTime;
import java.time.YearMonth;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Budgets that hold, and those that only warn. */
class CapsTest {
    private static final String CHAT = "/openai/v1/chat/completions";
    private static final String BODY =
            "{\"model\":\"gpt-4o-mini\",\"max_tokens\":100,\"messages\":[{\"role\":\"user\",\"content\":\"Hello\"}]}";
    private static final String ANSWER = "{\"model\":\"gpt-4o-mini-2024-07-18\",\"choices\":[],"
            + "\"usage\":{\"prompt_tokens\":10,\"completion_tokens\":100,\"total_tokens\":110}}";
    private static final String[] KEY = {"Authorization", "Bearer tm-secret"};

    @TempDir
    private Path dir;

    private TestGateway gateway;

    @BeforeEach
    void start() throws Exception {
        start(dir);
    }

    private void start(Path folder, String... settings) throws Exception {
        gateway = new TestGateway(folder, PriceBook.shipped(), settings);
        gateway.key("tm-secret", "acme", Map.of(), true, null);
        gateway.upstream.answer(request -> gateway.upstream
                .vertx()
                .setTimer(
                        30,
                        later -> request.response()
                                .putHeader("content-type", "application/json")
                                .end(ANSWER)));
    }

    @AfterEach
    void stop() {
        gateway.close();
    }

    private void budget(String limit, boolean hard) {
        gateway.budgets
                .definitions()
                .put(
                        "b1",
                        Budget.newBuilder()
                                .setBudgetId("b1")
                                .setTenant("acme")
                                .setName("Acme's month")
                                .setAmountUsd(usd(limit))
                                .setHard(hard)
                                .setUpdatedAt(Instant.now())
                                .build());
    }

    private void spent(String amount) {
        Instant start = YearMonth.now(ZoneOffset.UTC)
                .atDay(1)
                .atStartOfDay(ZoneOffset.UTC)
                .toInstant();
        BudgetStatus status = BudgetStatus.newBuilder()
                .setBudgetId("b1")
                .setTenant("acme")
                .setName("Acme's month")
                .setPeriodStart(start)
                .setPeriodEnd(nextMonth())
                .setSpentUsd(usd(amount))
                .setSpentByGatewayRun(Map.of("an earlier run", usd(amount)))
                .setLimitUsd(usd("1"))
                .setRevision(1)
                .setUpdatedAt(Instant.now())
                .build();
        gateway.budgets.statuses().put("b1|" + start, status);
    }

    private static Instant nextMonth() {
        return YearMonth.now(ZoneOffset.UTC)
                .plusMonths(1)
                .atDay(1)
                .atStartOfDay(ZoneOffset.UTC)
                .toInstant();
    }

    private static BigDecimal usd(String amount) {
        return Money.exact(new BigDecimal(amount));
    }

    private double metric(String name) {
        return gateway.meters
                .get("tokenmeter.gateway.caps." + name)
                .meter()
                .measure()
                .iterator()
                .next()
                .getValue();
    }

    @Test
    void aThousandParallelRequestsDoNotOverspend() {
        budget("0.005", true);
        HttpRequest request = gateway.request(CHAT)
                .headers(KEY)
                .POST(HttpRequest.BodyPublishers.ofString(BODY))
                .build();
        List<CompletableFuture<Integer>> answers = IntStream.range(0, 1000)
                .mapToObj(i -> gateway.http
                        .sendAsync(request, HttpResponse.BodyHandlers.ofString())
                        .thenApply(HttpResponse::statusCode))
                .toList();
        List<Integer> statuses = answers.stream().map(CompletableFuture::join).toList();

        await().until(() -> gateway.sink.events().size() == 1000);
        BigDecimal spent =
                gateway.sink.events().stream().map(UsageEvent::getCostUsd).reduce(BigDecimal.ZERO, BigDecimal::add);
        assertThat(spent).isBetween(usd("0.0045"), usd("0.005"));
        assertThat(statuses).containsOnly(200, 402).hasSize(1000);
        assertThat(gateway.upstream.seen)
                .hasSize((int) statuses.stream().filter(status -> status == 200).count());
        assertThat(metric("reserved")).isZero();
        assertThat(metric("unconfirmed")).isEqualTo(spent.doubleValue());
    }

    private Budget.Builder scoped(Map<String, String> scope, String limit) {
        return Budget.newBuilder()
                .setBudgetId("b1")
                .setTenant("acme")
                .setName("Growth's")
                .setDimensions(scope)
                .setAmountUsd(usd(limit))
                .setHard(true)
                .setUpdatedAt(Instant.now());
    }

    private void define(Budget budget) {
        gateway.budgets.definitions().put(budget.getBudgetId(), budget);
    }

    /** What the aggregator would say of it. */
    private void spent(Budget budget, String amount) {
        BudgetPeriod.Span span = BudgetPeriod.of(budget).around(Instant.now());
        BudgetStatus status = BudgetStatus.newBuilder()
                .setBudgetId(budget.getBudgetId())
                .setTenant("acme")
                .setName(budget.getName())
                .setDimensions(budget.getDimensions())
                .setPeriodStart(span.start())
                .setPeriodEnd(span.end())
                .setSpentUsd(usd(amount))
                .setLimitUsd(budget.getAmountUsd())
                .setUpdatedAt(Instant.now())
                .build();
        gateway.budgets.statuses().put(budget.getBudgetId() + "|" + span.start(), status);
    }

    /** Whose day does not end while the test runs. */
    private static String zone() {
        boolean late = LocalTime.now(ZoneId.of("Asia/Kathmandu")).isAfter(LocalTime.of(23, 45));
        return late ? "Asia/Tokyo" : "Asia/Kathmandu";
    }

    @Test
    void aThousandParallelRequestsDoNotOverspendATeamsDayInTokens() throws Exception {
        define(scoped(Map.of("tag.team", "growth", "model", "gpt-4o-mini"), "0")
                .setAmountTokens(1500L)
                .setPeriod("day")
                .setTimeZone(zone())
                .build());
        String tagged = BODY.replace("{\"model\"", "{\"metadata\":{\"team\":\"growth\"},\"model\"");
        HttpRequest request = gateway.request(CHAT)
                .headers(KEY)
                .POST(HttpRequest.BodyPublishers.ofString(tagged))
                .build();
        List<Integer> statuses = IntStream.range(0, 1000)
                .mapToObj(i -> gateway.http
                        .sendAsync(request, HttpResponse.BodyHandlers.ofString())
                        .thenApply(HttpResponse::statusCode))
                .toList()
                .stream()
                .map(CompletableFuture::join)
                .toList();
        // What was reserved and not used in the rush is there for calls that come one by one.
        int after = 1;
        while (gateway.http.send(request, HttpResponse.BodyHandlers.ofString()).statusCode() == 200) {
            after++;
        }
        int calls = 1000 + after;
        await().until(() -> gateway.sink.events().size() == calls);
        long used = gateway.sink.events().stream().mapToLong(TokenKind::total).sum();
        assertThat(used).isBetween(1200L, 1500L);
        assertThat(statuses).containsOnly(200, 402);
    }

    @Test
    void aBudgetOfATeamAndAModelRefusesTheirCallsOnly() throws Exception {
        Budget budget = scoped(Map.of("tag.team", "growth", "model", "gpt-4o-mini"), "1")
                .build();
        define(budget);
        spent(budget, "1");
        String[] team = {"Authorization", "Bearer tm-secret", "X-Tokenmeter-Tag-Team", "growth"};
        String snapshot = BODY.replace("gpt-4o-mini", "gpt-4o-mini-2024-07-18");
        String other = BODY.replace("gpt-4o-mini", "gpt-4o");
        assertThat(gateway.post(CHAT, BODY, team).statusCode()).isEqualTo(402);
        assertThat(gateway.post(CHAT, snapshot, team).statusCode()).isEqualTo(402);
        assertThat(gateway.post(CHAT, other, team).statusCode()).isEqualTo(200);
        assertThat(gateway.post(CHAT, BODY, KEY).statusCode()).isEqualTo(200);
        // which model this asks for cannot be told
        assertThat(gateway.post(CHAT, "model=gpt-4o-mini", team).statusCode()).isEqualTo(402);
    }

    @Test
    void aRefusalOfABudgetInTokensSaysWhenItResetsByItsClock() throws Exception {
        define(scoped(Map.of(), "0")
                .setAmountTokens(50L)
                .setPeriod("week")
                .setTimeZone("Asia/Kathmandu")
                .build());
        HttpResponse<String> refused = gateway.post(CHAT, BODY, KEY);
        assertThat(refused.statusCode()).isEqualTo(402);
        assertThat(refused.body())
                .contains("0 tokens of 50 tokens is spent", "this call may use 1")
                .containsPattern("It resets at \\d{4}-\\d\\d-\\d\\dT00:00\\+05:45 \\(Asia/Kathmandu\\)\\.");
        define(scoped(Map.of(), "0").setPeriod("total").build());
        assertThat(gateway.post(CHAT, BODY, KEY).body()).contains("It does not reset.");
    }

    @Test
    void aSoftBudgetThatIsUsedUpFallsToACheaperModelAndLeavesTheRequestAsItWasOtherwise() throws Exception {
        Budget budget = scoped(Map.of("provider", "openai"), "1")
                .setHard(false)
                .setFallbackModel("gpt-4o-mini")
                .build();
        define(budget);
        String request = "{ \"messages\": [{\"role\":\"user\",\"content\":\"\\u00e9 model\"}],\r\n"
                + " \"model\" : \"gpt-4o\", \"max_tokens\":100, \"x\": {\"model\":\"gpt-4o\"}, \"model\":\"gpt-4o\" }";
        gateway.post(CHAT, request, KEY);
        assertThat(gateway.upstream.last().body()).isEqualTo(request);

        spent(budget, "1");
        HttpResponse<String> fell = gateway.post(CHAT, request, KEY);
        assertThat(fell.statusCode()).isEqualTo(200);
        assertThat(fell.headers().firstValue("x-tokenmeter-model-fallback"))
                .hasValue("gpt-4o-mini; instead-of=gpt-4o; budget=b1");
        assertThat(fell.headers().firstValue("x-tokenmeter-budget-warning")).isPresent();
        assertThat(gateway.upstream.last().body())
                .isEqualTo(request.replace("\"model\" : \"gpt-4o\"", "\"model\" : \"gpt-4o-mini\"")
                        .replace(", \"model\":\"gpt-4o\" }", ", \"model\":\"gpt-4o-mini\" }"));
        await().until(() -> gateway.sink.events().size() == 2);
        UsageEvent event = gateway.sink.events().get(1);
        assertThat(event.getRequestedModel()).isEqualTo("gpt-4o");
        assertThat(event.getModel()).isEqualTo("gpt-4o-mini-2024-07-18");

        gateway.upstream.answer(unnamed -> unnamed.response()
                .putHeader("content-type", "application/json")
                .end(ANSWER.replace("\"model\":\"gpt-4o-mini-2024-07-18\",", "")));
        gateway.post(CHAT, request, KEY);
        await().until(() -> gateway.sink.events().size() == 3);
        assertThat(gateway.sink.events().get(2).getModel()).isEqualTo("gpt-4o-mini");
        assertThat(gateway.post(CHAT, BODY, KEY).headers().map()).doesNotContainKey("x-tokenmeter-model-fallback");
    }

    @Test
    void nearItsLimitAHardBudgetFallsToACheaperModelAndWhenExhaustedRefusesAllTheSame() throws Exception {
        Budget budget = scoped(Map.of("provider", "openai"), "0.0005")
                .setFallbackModel("gpt-4o-mini")
                .build();
        define(budget);
        String dear = BODY.replace("gpt-4o-mini", "gpt-4o");
        assertThat(gateway.post(CHAT, dear, KEY).statusCode()).isEqualTo(200);
        assertThat(gateway.upstream.last().body()).isEqualTo(BODY);

        spent(budget, "0.0005");
        assertThat(gateway.post(CHAT, dear, KEY).statusCode()).isEqualTo(402);
        assertThat(metric("fallback.requests")).isEqualTo(1);
    }

    @Test
    void whatAnEarlierRunLeftInTheOutboxIsKnownBeforeTheFirstCall() throws Exception {
        budget("0.001", true);
        gateway.sink.setAway(true);
        gateway.post(CHAT, BODY, KEY);
        gateway.close();
        start(dir, "test.budgets-known", "false");
        assertThat(gateway.health.ready().get("budgets").up()).isFalse();

        Budget exactly = Budget.newBuilder(scoped(Map.of(), "0.0000615").build())
                .setPeriod("month")
                .build();
        define(exactly);
        gateway.budgets.definitions().markCaughtUp();
        gateway.budgets.statuses().markCaughtUp();
        await().until(() -> gateway.health.ready().get("budgets").up());
        HttpResponse<String> refused = gateway.post(CHAT, BODY, KEY);
        assertThat(refused.statusCode()).isEqualTo(402);
        assertThat(refused.body()).contains("$0.000061 of $0.000061 is spent");
        assertThat(gateway.upstream.seen).isEmpty();
    }

    @Test
    void aRefusalNamesBudgetSpendLimitAndResetAndLeavesAnEventThatCostsNothing() throws Exception {
        budget("0.5", true);
        spent("0.75");
        HttpResponse<String> response = gateway.post(CHAT, BODY, KEY);
        assertThat(response.statusCode()).isEqualTo(402);
        assertThat(response.headers().firstValue("x-should-retry")).hasValue("false");
        assertThat(response.body())
                .contains("\"code\":\"budget_exceeded\"")
                .contains("Acme's month", "b1", "$0.75 of $0.50", nextMonth().toString());
        assertThat(gateway.event().getOutcome()).isEqualTo(Outcome.blocked);
        assertThat(gateway.event().getCostUsd()).isEqualByComparingTo("0");
        assertThat(gateway.event().getTextOutputTokens()).isZero();
        assertThat(gateway.event().getRequestedModel()).isEqualTo("gpt-4o-mini");
        assertThat(gateway.upstream.seen).isEmpty();
        assertThat(gateway.meters
                        .get("tokenmeter.gateway.unpriced.requests")
                        .counter()
                        .count())
                .isZero();
    }

    @Test
    void theOfficialSdksDoNotRetryARefusal() {
        budget("0", true);
        var openAi = OpenAIOkHttpClient.builder()
                .baseUrl(gateway.url("/openai/v1"))
                .apiKey("tm-secret")
                .maxRetries(3)
                .build();
        ChatCompletionCreateParams chat = ChatCompletionCreateParams.builder()
                .model("gpt-4o-mini")
                .addUserMessage("Hello")
                .build();
        assertThatThrownBy(() -> openAi.chat().completions().create(chat)).hasMessageContaining("Acme's month");
        assertThat(metric("refused.requests")).isEqualTo(1);

        var anthropic = AnthropicOkHttpClient.builder()
                .baseUrl(gateway.url("/anthropic"))
                .apiKey("tm-secret")
                .maxRetries(3)
                .build();
        MessageCreateParams message = MessageCreateParams.builder()
                .model("claude-sonnet-4-5")
                .maxTokens(10)
                .addUserMessage("Hello")
                .build();
        assertThatThrownBy(() -> anthropic.messages().create(message)).hasMessageContaining("billing_error");
        assertThat(metric("refused.requests")).isEqualTo(2);
        assertThat(gateway.upstream.seen).isEmpty();
    }

    @Test
    void aRequestIsRefusedThatWouldPassTheCapAndASmallerOnePasses() throws Exception {
        budget("0.001", true);
        String large = BODY.replace("\"max_tokens\":100", "\"max_completion_tokens\":2000");
        HttpResponse<String> refused = gateway.post(CHAT, large, KEY);
        assertThat(refused.statusCode()).isEqualTo(402);
        assertThat(refused.body()).contains("this call may cost $0.0012");
        assertThat(gateway.post(CHAT, BODY, KEY).statusCode()).isEqualTo(200);
    }

    @Test
    void aCallWithoutAKnownPricePassesWhileSomethingIsLeft() throws Exception {
        budget("0.001", true);
        String unknown = BODY.replace("gpt-4o-mini", "nobody-knows-this");
        assertThat(gateway.post(CHAT, unknown, KEY).statusCode()).isEqualTo(200);
        assertThat(metric("unpriced.requests")).isEqualTo(1);
        spent("0.001");
        assertThat(gateway.post(CHAT, unknown, KEY).statusCode()).isEqualTo(402);
    }

    @Test
    void aSoftBudgetPassesAndIsFlagged() throws Exception {
        budget("0.5", false);
        spent("0.4");
        assertThat(gateway.post(CHAT, BODY, KEY).headers().map()).doesNotContainKey("x-tokenmeter-budget-warning");
        spent("0.75");
        HttpResponse<String> flagged = gateway.post(CHAT, BODY, KEY);
        assertThat(flagged.statusCode()).isEqualTo(200);
        assertThat(flagged.headers().firstValue("x-tokenmeter-budget-warning"))
                .hasValueSatisfying(value ->
                        assertThat(value).startsWith("b1; spent-usd=0.75").endsWith("=0.50"));
    }

    @Test
    void anotherTenantsBudgetIsNoConcern() throws Exception {
        budget("0", true);
        assertThat(gateway.post(CHAT, BODY, "Authorization", "Bearer sk-mine").statusCode())
                .isEqualTo(200);
    }

    @Test
    void aRequestReachesTheProviderAsItWasWrittenAlsoWhenItIsJudged() throws Exception {
        budget("1", true);
        gateway.post("/anthropic/v1/messages", BODY, KEY);
        assertThat(gateway.upstream.last().body()).isEqualTo(BODY);
        gateway.post("/openai/v1/audio/transcriptions", "abc", KEY);
        assertThat(gateway.upstream.last().body()).isEqualTo("abc");
    }

    @Test
    void untilBudgetsAreKnownItIsNotReadyAndOnlyCallersWithTheirOwnKeyPass(@TempDir Path other) throws Exception {
        gateway.close();
        start(other, "test.budgets-known", "false");
        assertThat(gateway.health.ready().get("budgets").up()).isFalse();
        HttpResponse<String> refused = gateway.post(CHAT, BODY, KEY);
        assertThat(refused.statusCode()).isEqualTo(503);
        assertThat(refused.headers().firstValue("retry-after")).isPresent();
        assertThat(gateway.post(CHAT, BODY, "Authorization", "Bearer sk-mine").statusCode())
                .isEqualTo(200);

        budget("0.5", true);
        spent("0.75");
        gateway.budgets.definitions().markCaughtUp();
        gateway.budgets.statuses().markCaughtUp();
        assertThat(gateway.health.ready().get("budgets")).isEqualTo(Health.Status.ok());
        assertThat(gateway.post(CHAT, BODY, KEY).statusCode()).isEqualTo(402);
    }

    @Test
    void openAndClosedSayWhatPassesUntilBudgetsAreKnown(@TempDir Path open, @TempDir Path closed) throws Exception {
        gateway.close();
        start(open, "test.budgets-known", "false", "gateway.caps.when-unknown", "open");
        assertThat(gateway.health.ready()).doesNotContainKey("budgets");
        assertThat(gateway.post(CHAT, BODY, KEY).statusCode()).isEqualTo(200);
        gateway.close();
        start(closed, "test.budgets-known", "false", "gateway.caps.when-unknown", "closed");
        assertThat(gateway.post(CHAT, BODY, "Authorization", "Bearer sk-mine").statusCode())
                .isEqualTo(503);
    }

    @ParameterizedTest
    @CsvSource({
        "402, content-type, application/JSON",
        "402, content-type, text/plain",
        "402, content-type, application/x-www-form-urlencoded",
        "402, content-encoding, identity",
        "402, content-encoding, ','",
        "415, content-encoding, br",
        "415, content-encoding, gzip",
        "415, content-type, multipart/form-data; boundary=x"
    })
    void aHardBudgetHoldsHoweverTheCallerDescribesTheRequest(int status, String header, String value) throws Exception {
        budget("0.00001", true);
        HttpRequest request = HttpRequest.newBuilder(
                        gateway.request(CHAT).build().uri())
                .headers(KEY)
                .header(header, value)
                .POST(HttpRequest.BodyPublishers.ofString(BODY.replace("{\"model", "{\"stream\":true,\"model")))
                .build();
        HttpResponse<String> refused = gateway.http.send(request, HttpResponse.BodyHandlers.ofString());
        assertThat(refused.statusCode()).isEqualTo(status);
        assertThat(refused.body()).contains(status == 415 ? "request_not_readable" : "budget_exceeded");
        assertThat(gateway.upstream.seen).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"application/JSON", "text/plain"})
    void aStreamIsAskedForUsageHoweverItsRequestIsDescribed(String type) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(
                        gateway.request(CHAT).build().uri())
                .headers(KEY)
                .header("content-type", type)
                .POST(HttpRequest.BodyPublishers.ofString(BODY.replace("{\"model", "{\"stream\":true,\"model")))
                .build();
        gateway.http.send(request, HttpResponse.BodyHandlers.ofString());
        assertThat(gateway.upstream.last().body()).contains("include_usage");
        assertThat(gateway.event().getRequestedModel()).isEqualTo("gpt-4o-mini");
    }

    @Test
    void anAnswersContentTypeIsReadInAnyLetters() throws Exception {
        gateway.upstream.answer(request ->
                request.response().putHeader("content-type", "Application/JSON").end(ANSWER));
        gateway.post(CHAT, BODY, KEY);
        assertThat(gateway.event().getTextOutputTokens()).isEqualTo(100);
    }

    @Test
    void aCallThatAlsoBillsWhatHasNoPriceIsHeldAgainstTheBudgetAtLeastAsReserved() throws Exception {
        budget("0.0001", true);
        gateway.upstream.answer(request -> request.response()
                .putHeader("content-type", "application/json")
                .end(ANSWER.replace("\"total_tokens\"", "\"num_sources_used\":3,\"total_tokens\"")));
        assertThat(gateway.post(CHAT, BODY, KEY).statusCode()).isEqualTo(200);
        assertThat(gateway.event().getCostUsd()).isNull();
        assertThat(gateway.post(CHAT, BODY, KEY).statusCode()).isEqualTo(402);
        assertThat(metric("reserved")).isZero();
        assertThat(metric("unconfirmed")).isGreaterThan(0.00006);
    }

    @Test
    void aCallWithoutAKnownPriceIsHeldAgainstTheBudgetByTheCostThatTheProviderStates() throws Exception {
        budget("0.3", true);
        gateway.upstream.answer(request -> request.response()
                .putHeader("content-type", "application/json")
                .end(ANSWER.replace("gpt-4o-mini-2024-07-18", "nobody-knows-this")
                        .replace("\"total_tokens\"", "\"cost\":0.5,\"total_tokens\"")));
        String unknown = BODY.replace("gpt-4o-mini", "nobody-knows-this");
        assertThat(gateway.post(CHAT, unknown, KEY).statusCode()).isEqualTo(200);
        assertThat(gateway.post(CHAT, unknown, KEY).statusCode()).isEqualTo(402);
    }

    /** Each produces 100 tokens at most, of 2.50 USD a million, or several times that. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    "generationConfig":{"maxOutputTokens":100}                           | 200
                    "generationConfig":{"maxOutputTokens":1000}                          | 402
                    "generationConfig":{"maxOutputTokens":100,"candidateCount":8}        | 402
                    "generation_config":{"max_output_tokens":100}                        | 200
                    "inferenceConfig":{"maxTokens":100}                                  | 200
                    "inferenceConfig":{"maxTokens":1000}                                 | 402
                    "max_tokens":1000,"generationConfig":{"maxOutputTokens":100}         | 402
                    "generationConfig":{"temperature":1}                                 | 402
                    """)
    void geminisAndBedrocksLimitsOfOutputAreReserved(String limit, int status) throws Exception {
        budget("0.001", true);
        gateway.upstream.answerJson("gemini-stream.json");
        String body = "{\"contents\":[{\"parts\":[{\"text\":\"Hello\"}]}]," + limit + "}";
        assertThat(gateway.post("/gemini/v1beta/models/gemini-2.5-flash:generateContent", body, KEY)
                        .statusCode())
                .isEqualTo(status);
    }

    /** 100 tokens at most, of 2 USD a million, for each prompt and choice. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    "Hello"                                                 | 1 | 200
                    [9906,9906,9906,9906,9906,9906,9906,9906,9906,9906]     | 1 | 200
                    ["a","b"]                                               | 1 | 200
                    ["a","b"]                                               | 5 | 402
                    ["a","b","c","d","e","f","g","h","i","j"]               | 1 | 402
                    [[9906],[9906],[9906],[9906],[9906],[9906],[9906]]      | 1 | 402
                    """)
    void eachOfSeveralPromptsIsReserved(String prompt, int choices, int status) throws Exception {
        budget("0.001", true);
        String body = "{\"model\":\"gpt-3.5-turbo-instruct\",\"max_tokens\":100,\"n\":" + choices + ",\"prompt\":"
                + prompt + "}";
        assertThat(gateway.post("/openai/v1/completions", body, KEY).statusCode())
                .isEqualTo(status);
    }
}
