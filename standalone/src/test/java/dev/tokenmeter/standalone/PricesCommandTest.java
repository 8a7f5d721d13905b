package dev.tokenmeter.standalone;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenmeter.standalone.cli.PricesCommand;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/** What the commands send, and what they show of an answer; the API itself is tested beside it. */
class PricesCommandTest {
    private record Sent(String request, String body) {}

    private final Vertx vertx = Vertx.vertx();
    private final List<Sent> sent = new CopyOnWriteArrayList<>();
    private volatile Object data = new JsonArray();
    private volatile int status = 200;
    private int port;

    @BeforeEach
    void start() throws Exception {
        port = vertx.createHttpServer()
                .requestHandler(request -> request.body().onSuccess(body -> {
                    sent.add(new Sent(request.method() + " " + request.uri(), body.toString()));
                    JsonObject answer = status < 300
                            ? JsonObject.of("data", data)
                            : JsonObject.of("detail", "factor: found '0'; allowed: more");
                    request.response().setStatusCode(status).end(answer.encode());
                }))
                .listen(0, "127.0.0.1")
                .toCompletionStage()
                .toCompletableFuture()
                .get()
                .actualPort();
    }

    @AfterEach
    void stop() throws Exception {
        vertx.close().toCompletionStage().toCompletableFuture().get();
    }

    private record Run(int exit, String out) {}

    private Run run(String... args) {
        List<String> all = new ArrayList<>(List.of(args));
        all.add(1, "--api");
        all.add(2, "http://127.0.0.1:" + port);
        PrintStream stdout = System.out;
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
        try {
            CommandLine commandLine = new CommandLine(new PricesCommand());
            commandLine.setErr(new PrintWriter(out, true, StandardCharsets.UTF_8));
            int exit = commandLine.execute(all.toArray(String[]::new));
            return new Run(exit, out.toString(StandardCharsets.UTF_8));
        } finally {
            System.setOut(stdout);
        }
    }

    @Test
    void aDiscountIsSentAsThePriceFormatHasIt() {
        data = JsonObject.of("price_id", "acme-deal", "source", "api", "tenant", "acme", "provider", "*")
                .put("patterns", JsonArray.of("*"))
                .put("factor", "0.85");
        Run run = run(
                "set",
                "acme-deal",
                "--tenant",
                "acme",
                "--provider",
                "*",
                "--pattern",
                "*",
                "--factor",
                "0.85",
                "--from",
                "2026-12-01");
        assertThat(run.exit()).as(run.out()).isZero();
        assertThat(sent).singleElement().satisfies(one -> {
            assertThat(one.request()).isEqualTo("PUT /api/v1/prices/acme-deal");
            assertThat(new JsonObject(one.body()))
                    .isEqualTo(JsonObject.of("tenant", "acme", "provider", "*", "factor", "0.85")
                            .put("patterns", JsonArray.of("*"))
                            .put("from", "2026-12-01T00:00:00Z"));
        });
        assertThat(run.out()).contains("acme-deal").contains("0.85").contains("1 price");
    }

    @Test
    void ratesAreSentByTheirUnits() {
        data = JsonObject.of("price_id", "p", "source", "api");
        run("set", "p", "--provider", "v", "--model", "m", "--per-million", "uncached_input_tokens=0.20");
        assertThat(new JsonObject(sent.get(0).body()).getJsonObject("usd_per_million_tokens"))
                .isEqualTo(JsonObject.of("uncached_input_tokens", "0.20"));
    }

    @Test
    void whatIsListedIsATableOrJson() {
        data = JsonArray.of(JsonObject.of("price_id", "shipped:openai/gpt-4o", "source", "shipped")
                .put("provider", "openai")
                .put("models", JsonArray.of("gpt-4o", "gpt-4o-2024-11-20"))
                .put(
                        "usd_per_million_tokens",
                        JsonObject.of("uncached_input_tokens", "2.5", "text_output_tokens", "10")));
        Run table = run("list", "--model", "gpt-4o");
        assertThat(sent.get(0).request()).isEqualTo("GET /api/v1/prices?model=gpt-4o&limit=200");
        assertThat(table.out()).contains("gpt-4o +1").contains("2.5").contains("always");
        assertThat(new JsonArray(run("list", "--json").out())).isEqualTo(data);
    }

    @Test
    void whatIsHeldBackIsShownWithItsReasonAndAccepted() {
        data = JsonObject.of("enabled", true, "from", "https://x/prices.json", "prices", 12, "held_back_total", 1)
                .put("error", "it answered with HTTP 503")
                .put(
                        "held_back",
                        JsonArray.of(JsonObject.of("price_id", "update:p/m", "reason", "from 2 to 200")
                                .put("acceptable", true)));
        assertThat(run("held-back").out())
                .contains("1 held back")
                .contains("update:p/m")
                .contains("from 2 to 200")
                .contains("HTTP 503");
        data = JsonObject.of("price_id", "update:p/m", "dismissed", "from 2 to 200");
        assertThat(run("dismiss", "update:p/m").out()).contains("update:p/m: stays");
        assertThat(sent.remove(1))
                .isEqualTo(new Sent("POST /api/v1/prices/updates/dismiss", "{\"price_id\":\"update:p/m\"}"));
        data = JsonObject.of("price_id", "update:p/m", "accepted", "from 2 to 200");
        assertThat(run("accept", "update:p/m").exit()).isZero();
        assertThat(sent.get(1))
                .isEqualTo(new Sent("POST /api/v1/prices/updates/accept", "{\"price_id\":\"update:p/m\"}"));
    }

    @Test
    void aRefusalIsToldInTheApisWordsAndTheExitIsNotZero() {
        status = 400;
        Run run = run("remove", "update:p/m");
        assertThat(run.exit()).isNotZero();
        assertThat(run.out()).contains("factor: found '0'");
        assertThat(sent.get(0).request()).isEqualTo("DELETE /api/v1/prices/update%3Ap%2Fm");
    }
}
