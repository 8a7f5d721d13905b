package dev.tokenmeter.standalone.demo;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import java.util.Iterator;
import java.util.List;

/**
 * An LLM provider that answers at once and costs nothing, in OpenAI's wire format for chat completions and embeddings
 * and in Anthropic's for messages, plain and streaming. An answer's usage follows from the request alone (see
 * {@link DemoUsage}), so that a test can compute it by hand.
 *
 * @see <a href="https://platform.openai.com/docs/api-reference/chat-streaming">OpenAI streaming</a>
 * @see <a href="https://docs.claude.com/en/docs/build-with-claude/streaming">Anthropic streaming</a>
 */
public final class DemoProvider implements AutoCloseable {
    private static final long CHUNK_MS = 15;

    private final Vertx vertx = Vertx.vertx();
    private final HttpServer server;

    /** Listens on a free loopback port when this returns. */
    public DemoProvider() {
        server = vertx.createHttpServer()
                .requestHandler(this::handle)
                .listen(0, "127.0.0.1")
                .toCompletionStage()
                .toCompletableFuture()
                .join();
    }

    /** For {@code providers.openai.base-url}. */
    public String openAiBaseUrl() {
        return anthropicBaseUrl() + "/v1";
    }

    /** For {@code providers.anthropic.base-url}. */
    public String anthropicBaseUrl() {
        return "http://127.0.0.1:" + server.actualPort();
    }

    private void handle(HttpServerRequest request) {
        request.body().onSuccess(body -> {
            try {
                answer(request, body.length() == 0 ? new JsonObject() : body.toJsonObject());
            } catch (DecodeException | ClassCastException e) {
                json(request.response().setStatusCode(400), OpenAiWire.error("The body is not a JSON object."));
            }
        });
    }

    private void answer(HttpServerRequest request, JsonObject body) {
        HttpServerResponse response = request.response();
        boolean streamed = body.getBoolean("stream", false);
        DemoUsage usage = DemoUsage.of(body);
        switch (request.method() + " " + request.path()) {
            case "POST /v1/chat/completions" -> {
                if (streamed) {
                    stream(response, OpenAiWire.chunks(body, usage));
                } else {
                    json(response, OpenAiWire.completion(body, usage));
                }
            }
            case "POST /v1/embeddings" -> json(response, OpenAiWire.embedding(body, usage));
            case "GET /v1/models" -> json(response, OpenAiWire.models());
            case "POST /v1/messages" -> {
                if (streamed) {
                    stream(response, AnthropicWire.events(body, usage));
                } else {
                    json(response, AnthropicWire.message(body, usage));
                }
            }
            default -> json(response.setStatusCode(404), OpenAiWire.error("Unknown path " + request.path()));
        }
    }

    private static void json(HttpServerResponse response, JsonObject body) {
        response.putHeader("content-type", "application/json")
                .putHeader("x-request-id", "req_demo")
                .end(body.encode());
    }

    private void stream(HttpServerResponse response, List<String> parts) {
        response.setChunked(true).putHeader("content-type", "text/event-stream; charset=utf-8");
        next(response, parts.iterator());
    }

    private void next(HttpServerResponse response, Iterator<String> parts) {
        if (response.closed()) {
            return;
        }
        response.write(parts.next());
        if (parts.hasNext()) {
            vertx.setTimer(CHUNK_MS, timer -> next(response, parts));
        } else {
            response.end();
        }
    }

    @Override
    public void close() {
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }
}
