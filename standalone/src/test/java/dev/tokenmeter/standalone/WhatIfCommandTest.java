package dev.tokenmeter.standalone;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenmeter.standalone.cli.WhatIfCommand;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
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

/** What the command sends, and what it shows of an answer; the API itself is tested beside it. */
class WhatIfCommandTest {
    private static final JsonObject ANSWER = new JsonObject("""
            {"data": [{"tag.feature": "chatbot", "requests": 1234, "cost_usd": "0.02625", "what_if_cost_usd": "0.0363",
                "difference_usd": "0.01005", "difference_percent": 38.29},
              {"tag.feature": "", "requests": 1, "cost_usd": null, "what_if_cost_usd": null, "difference_usd": null,
                "difference_percent": null}],
             "meta": {"total": {"requests": 1235, "cost_usd": "0.02625", "what_if_cost_usd": "0.0363",
                "difference_usd": "0.01005", "difference_percent": 38.29},
              "what_if_unpriced": [{"provider": "vllm", "model": "llama", "priced_as": "vllm/llama", "requests": 1,
                "reason": "no price of that time, tier and region"}],
              "assumptions": [{"assumption": "same_tokens", "requests": 1234, "detail": "Tokens are taken to be as many."}]}}
            """);

    private final Vertx vertx = Vertx.vertx();
    private final List<String> sent = new CopyOnWriteArrayList<>();
    private int port;

    @TempDir
    private Path folder;

    @BeforeEach
    void start() throws Exception {
        port = vertx.createHttpServer()
                .requestHandler(request -> request.body().onSuccess(body -> {
                    sent.add(request.method() + " " + request.uri() + " " + body);
                    request.response().end(ANSWER.encode());
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

    private String run(String... args) {
        List<String> all = new ArrayList<>(List.of("--api", "http://127.0.0.1:" + port));
        all.addAll(List.of(args));
        PrintStream stdout = System.out;
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
        try {
            assertThat(new CommandLine(new WhatIfCommand()).execute(all.toArray(String[]::new)))
                    .isZero();
            return out.toString(StandardCharsets.UTF_8);
        } finally {
            System.setOut(stdout);
        }
    }

    @Test
    void aModelInTheirPlaceIsAskedForAndShownBesideWhatTheyCost() {
        String table = run(
                "--to",
                "anthropic/claude-sonnet-4-5",
                "--filter",
                "tag.feature=chatbot",
                "--from",
                "2026-10-01",
                "--until",
                "2026-11-01",
                "--group-by",
                "tag.feature");
        assertThat(sent)
                .containsExactly("GET /api/v1/what-if?from=2026-10-01T00%3A00%3A00Z&to=2026-11-01T00%3A00%3A00Z"
                        + "&filter.tag.feature=chatbot&group_by=tag.feature&model=anthropic%2Fclaude-sonnet-4-5 ");
        assertThat(table)
                .contains("chatbot")
                .contains("1,234")
                .contains("$0.0363")
                .contains("38.29")
                .contains("no price")
                .contains("1 calls to vllm/llama as vllm/llama: no price of that time")
                .contains("Tokens are taken to be as many.");
    }

    @Test
    void pricesOfAFileAreSentAsTheyAreAndJsonIsTheWholeAnswer() throws Exception {
        Path file = Files.writeString(
                folder.resolve("prices.json"),
                "{\"prices\":[{\"provider\":\"openai\",\"models\":[\"gpt-4o\"],\"factor\":\"0.8\"}]}");
        String json = run("--prices", file.toString(), "--map", "openai/gpt-4o=openai/gpt-4.1", "--json");
        assertThat(sent)
                .containsExactly("POST /api/v1/what-if?group_by=model&map.openai%2Fgpt-4o=openai%2Fgpt-4.1 "
                        + Files.readString(file));
        assertThat(new JsonObject(json)).isEqualTo(ANSWER);
    }
}
