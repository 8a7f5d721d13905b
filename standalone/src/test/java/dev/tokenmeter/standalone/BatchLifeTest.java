package dev.tokenmeter.standalone;

import static dev.tokenmeter.standalone.RunningStandalone.await;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.tokenmeter.schemas.Batch;
import dev.tokenmeter.schemas.Topics;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A batch through Kafka and ClickHouse: charged to who submitted it, at the batch's price, once. */
class BatchLifeTest {
    private static final HttpClient HTTP = HttpClient.newHttpClient();
    private static final long NOW = Instant.now().getEpochSecond();

    @TempDir
    private Path folder;

    @Test
    void outputThatAnotherTenantFetchesTwiceIsChargedOnceToTheSubmitter() throws Exception {
        HttpServer provider = provider();
        String baseUrl = "http://127.0.0.1:" + provider.getAddress().getPort() + "/v1";
        try (RunningStandalone product = new RunningStandalone(
                folder, RunningStandalone.freePortOffset(), Map.of("providers.openai.base-url", baseUrl))) {
            String submitter = product.newKey("submitter");
            String fetcher = product.newKey("fetcher", List.of("*", "files", "stored"));
            send(
                    product,
                    "POST",
                    "/batches",
                    submitter,
                    "{\"input_file_id\":\"file-in\",\"endpoint\":\"/v1/chat/completions\"}");
            await(
                    "the batch is in its topic",
                    () -> product.<Batch>read(Topics.BATCHES).stream()
                            .anyMatch(batch -> batch.getTenant().equals("submitter")));
            assertThat(send(product, "GET", "/batches/batch_1", fetcher, null)).contains("file-out");
            for (int i = 0; i < 2; i++) {
                assertThat(send(product, "GET", "/files/file-out/content", fetcher, null))
                        .isEqualTo(output());
            }

            // 2 results of 100 tokens in and 20 out, at half of gpt-4o's 2.50 and 10 USD per million.
            await(
                    "both results are charged",
                    () -> rows(product, "submitter").getJsonObject(0).getLong("requests") == 2);
            JsonObject row = rows(product, "submitter").getJsonObject(0);
            assertThat(row.getString("service_tier")).isEqualTo("batch");
            assertThat(row.getLong("requests")).isEqualTo(2);
            assertThat(row.getString("cost_usd")).isEqualTo("0.00045");
            assertThat(rows(product, "fetcher")).isEmpty();
        } finally {
            provider.stop(0);
        }
    }

    private static JsonArray rows(RunningStandalone product, String tenant) {
        return product.data("/api/v1/usage?group_by=service_tier&metrics=cost_usd,requests&tenant=" + tenant + "&from="
                + Instant.now().minusSeconds(7200));
    }

    private static String send(RunningStandalone product, String method, String path, String key, String body)
            throws Exception {
        HttpRequest request = HttpRequest.newBuilder(URI.create(product.standalone.gateway() + "/openai/v1" + path))
                .header("authorization", "Bearer " + key)
                .header("content-type", "application/json")
                .method(
                        method,
                        body == null ? HttpRequest.BodyPublishers.noBody() : HttpRequest.BodyPublishers.ofString(body))
                .build();
        return HTTP.send(request, HttpResponse.BodyHandlers.ofString()).body();
    }

    /** As OpenAI documents its <a href="https://platform.openai.com/docs/guides/batch">batches</a>. */
    private static HttpServer provider() throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
        String batch = "{\"id\":\"batch_1\",\"object\":\"batch\",\"endpoint\":\"/v1/chat/completions\","
                + "\"status\":\"%s\",\"created_at\":" + NOW + ",\"output_file_id\":%s}";
        answer(server, "/v1/batches/batch_1", "application/json", batch.formatted("completed", "\"file-out\""));
        answer(server, "/v1/batches", "application/json", batch.formatted("validating", "null"));
        answer(server, "/v1/files/file-out/content", "application/octet-stream", output());
        answer(server, "/v1/models", "application/json", "{\"data\":[]}");
        server.start();
        return server;
    }

    private static String output() {
        StringBuilder lines = new StringBuilder();
        for (String id : List.of("a", "b")) {
            lines.append("{\"id\":\"batch_req_")
                    .append(id)
                    .append("\",\"custom_id\":\"")
                    .append(id);
            lines.append("\",\"response\":{\"status_code\":200,\"request_id\":\"req_")
                    .append(id);
            lines.append("\",\"body\":{\"id\":\"chatcmpl-").append(id);
            lines.append("\",\"object\":\"chat.completion\",\"created\":").append(NOW);
            lines.append(",\"model\":\"gpt-4o-2024-08-06\",\"choices\":[],\"usage\":{\"prompt_tokens\":100,");
            lines.append("\"completion_tokens\":20,\"total_tokens\":120}}},\"error\":null}\n");
        }
        return lines.toString();
    }

    private static void answer(HttpServer server, String path, String type, String body) {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        server.createContext(path, exchange -> {
            exchange.getRequestBody().readAllBytes();
            exchange.getResponseHeaders().set("content-type", type);
            exchange.sendResponseHeaders(200, bytes.length);
            exchange.getResponseBody().write(bytes);
            exchange.close();
        });
    }
}
