package dev.tokenmeter.standalone;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import java.util.concurrent.atomic.AtomicLong;

/** An OpenAI that answers at once, each time with another request id. */
final class NumberedProvider implements AutoCloseable {
    private static final String USAGE = "{\"prompt_tokens\":9,\"completion_tokens\":12,\"total_tokens\":21}";
    private static final String ANSWER =
            "{\"id\":\"chatcmpl-1\",\"object\":\"chat.completion\",\"created\":1767225600,\"model\":\"gpt-4o\","
                    + "\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":\"Hello!\"},"
                    + "\"finish_reason\":\"stop\"}],\"usage\":" + USAGE + "}";
    private static final String CHUNK =
            "data: {\"id\":\"chatcmpl-1\",\"object\":\"chat.completion.chunk\",\"created\":1767225600,"
                    + "\"model\":\"gpt-4o\",\"choices\":[%s],\"usage\":%s}\n\n";
    private static final String DELTA = "{\"index\":0,\"delta\":{\"content\":\"Hello\"},\"finish_reason\":null}";

    private final AtomicLong numbers = new AtomicLong();
    private final Vertx vertx = Vertx.vertx();
    private final HttpServer server = vertx.createHttpServer()
            .requestHandler(this::handle)
            .listen(0, "127.0.0.1")
            .toCompletionStage()
            .toCompletableFuture()
            .join();

    String baseUrl() {
        return "http://127.0.0.1:" + server.actualPort() + "/v1";
    }

    private void handle(HttpServerRequest request) {
        request.response().putHeader("x-request-id", "req_" + numbers.incrementAndGet());
        request.body().onSuccess(body -> {
            if (body.toString().contains("\"stream\":true")) {
                stream(request);
            } else {
                request.response().putHeader("content-type", "application/json").end(ANSWER);
            }
        });
    }

    private static void stream(HttpServerRequest request) {
        request.response().setChunked(true).putHeader("content-type", "text/event-stream");
        for (int i = 0; i < 3; i++) {
            request.response().write(CHUNK.formatted(DELTA, "null"));
        }
        request.response().write(CHUNK.formatted("", USAGE));
        request.response().end("data: [DONE]\n\n");
    }

    @Override
    public void close() {
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }
}
