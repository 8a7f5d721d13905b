package dev.tokenmeter.standalone;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenmeter.standalone.cli.BillsCommand;
import dev.tokenmeter.standalone.cli.ReconcileCommand;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** What the commands send, and what they show of an answer; {@link ReconcileTest} has them with the real API. */
class BillsCommandTest {
    private record Sent(String request, String mediaType, String body) {}

    private final Vertx vertx = Vertx.vertx();
    private final List<Sent> sent = new CopyOnWriteArrayList<>();
    private volatile int status = 200;
    private volatile String answer;
    private int port;

    @TempDir
    private Path folder;

    @BeforeEach
    void start() throws Exception {
        port = vertx.createHttpServer()
                .requestHandler(request -> request.body().onSuccess(body -> {
                    sent.add(new Sent(
                            request.method() + " " + request.uri(),
                            request.getHeader("content-type"),
                            body.toString()));
                    request.response().setStatusCode(status).end(answer);
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

    private Run run(Object command, List<String> args) {
        List<String> all = new ArrayList<>(args);
        all.add("--api");
        all.add("http://127.0.0.1:" + port);
        PrintStream stdout = System.out;
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
        try {
            CommandLine commandLine = new CommandLine(command);
            commandLine.setErr(new PrintWriter(out, true, StandardCharsets.UTF_8));
            return new Run(commandLine.execute(all.toArray(String[]::new)), out.toString(StandardCharsets.UTF_8));
        } finally {
            System.setOut(stdout);
        }
    }

    @Test
    void aFileIsSentAsItIsAndWhatWasReadIsTold() throws Exception {
        answer = JsonObject.of(
                        "data",
                        JsonObject.of("provider", "openai", "days", 2, "first_day", "2026-11-01")
                                .put("last_day", "2026-11-02")
                                .put("lines_read", 1_234)
                                .put("skipped", JsonArray.of(JsonObject.of("reason", "no amount", "lines", 3)))
                                .put("amounts", JsonObject.of("USD", "12.5"))
                                .put("complete", false))
                .encode();
        Path file = Files.writeString(folder.resolve("costs.csv"), "date;cost\n");
        Run run = run(
                new BillsCommand(),
                List.of(
                        "import",
                        file.toString(),
                        "--format",
                        "csv",
                        "--provider",
                        "mistral",
                        "--mapping",
                        "day=date,amount=cost"));
        assertThat(run.exit()).as(run.out()).isZero();
        assertThat(sent)
                .containsExactly(new Sent(
                        "POST /api/v1/bills?format=csv&provider=mistral&mapping=day%3Ddate%2Camount%3Dcost",
                        "text/csv", "date;cost\n"));
        assertThat(run.out())
                .contains("openai: 2 days, 2026-11-01 to 2026-11-02; 1,234 lines read; 12.5 USD")
                .contains("skipped 3: no amount")
                .contains("there are more");
    }

    @Test
    void aFileThatIsNotThereAndARefusalAreTold() {
        Run missing = run(new BillsCommand(), List.of("import", folder + "/none", "--format", "openai_costs"));
        assertThat(missing.exit()).isNotZero();
        assertThat(missing.out()).contains("none cannot be read");
        assertThat(sent).isEmpty();

        status = 400;
        answer = JsonObject.of("detail", "from: found 2026-11-01T05:00:00Z; allowed: midnight UTC")
                .encode();
        Run refused = run(new ReconcileCommand(), List.of("--from", "2026-11-01T05:00:00Z"));
        assertThat(refused.exit()).isNotZero();
        assertThat(refused.out()).contains("midnight UTC");
    }

    @Test
    void whatDiffersIsATableAndAScriptCanAsk() {
        JsonObject agreeing = JsonObject.of("day", "2026-11-01", "provider", "openai", "model", "gpt-4o")
                .put("our_cost_usd", "1")
                .put("cause", "agrees");
        JsonObject differing = JsonObject.of("day", "2026-11-02", "provider", "openai", "item", "web_search_requests")
                .put("our_cost_usd", "1")
                .put("their_cost_usd", "3.5")
                .put("difference_usd", "2.5")
                .put("cause", "price")
                .put("explanation", "as many tokens");
        JsonObject unpriced = JsonObject.of("day", "2026-11-03", "provider", "openai", "model", "new")
                .put("our_cost_usd", null)
                .put("unpriced_requests", 4)
                .put("their_cost_usd", "7")
                .put("cause", "unpriced");
        JsonObject meta = JsonObject.of("total", JsonObject.of("our_cost_usd", "2"), "tolerance_percent", "0.5")
                .put("days_without_bill", JsonObject.of("mistral", JsonArray.of("2026-11-01")));
        answer = JsonObject.of("data", JsonArray.of(agreeing, differing, unpriced), "meta", meta)
                .encode();
        Run run = run(
                new ReconcileCommand(),
                List.of("--from", "2026-11-01", "--until", "2026-12-01", "--tolerance", "0.5", "--check"));
        assertThat(run.exit()).isEqualTo(1);
        assertThat(sent.get(0).request())
                .isEqualTo("GET /api/v1/reconciliation?from=2026-11-01T00%3A00%3A00Z"
                        + "&until=2026-12-01T00%3A00%3A00Z&tolerance=0.5");
        assertThat(run.out())
                .contains("2026-11-02  openai web_search_requests")
                .contains("$1.00")
                .contains("$3.50")
                .contains("$2.50")
                .contains("price: as many tokens")
                .containsPattern("openai/new +no price +\\$7.00")
                .contains("2 of 3 rows differ by more than 0.5 %")
                .contains("mistral: of 1 days")
                .doesNotContain("gpt-4o");
        assertThat(run(new ReconcileCommand(), List.of("--all")).out()).contains("openai/gpt-4o");
        assertThat(new JsonObject(run(new ReconcileCommand(), List.of("--json")).out()))
                .isEqualTo(new JsonObject(answer));
    }

    @Test
    void aTableForSpreadsheetsIsPrintedAsItComes() {
        answer = "day,provider\r\n2026-11-01,openai\r\n";
        assertThat(run(new ReconcileCommand(), List.of("--csv", "--by", "day")).out())
                .isEqualTo(answer);
        assertThat(sent.get(0).request()).isEqualTo("GET /api/v1/reconciliation?group_by=day&format=csv");
    }
}
