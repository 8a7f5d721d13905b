package dev.tokenmeter.gateway;

import io.vertx.core.Handler;
import io.vertx.core.MultiMap;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

/** Stands for a provider: notes what it is asked and answers as told. */
final class Upstream implements AutoCloseable {
    record Seen(String method, String uri, MultiMap headers, String body, HttpVersion version) {}

    /** Answers a request whose body has been read. */
    interface Answer {
        void to(HttpServerRequest request);
    }

    final List<Seen> seen = new CopyOnWriteArrayList<>();
    final List<String> cancelled = new CopyOnWriteArrayList<>();
    private final Vertx vertx = Vertx.vertx();
    private final HttpServer server;
    private volatile Answer answer = request -> request.response().end();

    Upstream() throws Exception {
        this(new HttpServerOptions());
    }

    Upstream(HttpServerOptions options) throws Exception {
        server = vertx.createHttpServer(options.setHost("127.0.0.1").setPort(0))
                .requestHandler(this::handle)
                .listen()
                .toCompletionStage()
                .toCompletableFuture()
                .get(10, TimeUnit.SECONDS);
    }

    private void handle(HttpServerRequest request) {
        request.response().closeHandler(closed -> cancelled.add(request.uri()));
        request.body().onSuccess(body -> {
            seen.add(new Seen(
                    request.method().name(),
                    request.uri(),
                    MultiMap.caseInsensitiveMultiMap().addAll(request.headers()),
                    body.toString(),
                    request.version()));
            answer.to(request);
        });
    }

    int port() {
        return server.actualPort();
    }

    Vertx vertx() {
        return vertx;
    }

    Seen last() {
        return seen.get(seen.size() - 1);
    }

    void answer(Answer newAnswer) {
        answer = newAnswer;
    }

    void answerJson(String fixture) {
        answer = request -> request.response()
                .putHeader("content-type", "application/json")
                .putHeader("x-request-id", "req_openai")
                .putHeader("request-id", "req_anthropic")
                .end(fixture(fixture));
    }

    /** Streams a fixture in small pieces, each flushed by itself. */
    void answerStream(String fixture) {
        answerStream(fixture, ignored -> {});
    }

    void answerStream(String fixture, Handler<HttpServerRequest> then) {
        answer = request -> {
            request.response().putHeader("content-type", "text/event-stream").setChunked(true);
            piece(request, fixture(fixture), 0, then);
        };
    }

    private void piece(HttpServerRequest request, Buffer bytes, int from, Handler<HttpServerRequest> then) {
        if (request.response().closed()) {
            return;
        }
        if (from >= bytes.length()) {
            request.response().end();
            then.handle(request);
            return;
        }
        int to = Math.min(bytes.length(), from + 61);
        request.response().write(bytes.slice(from, to));
        vertx.runOnContext(next -> piece(request, bytes, to, then));
    }

    static Buffer fixture(String name) {
        try (InputStream in = Upstream.class.getResourceAsStream("/wire/" + name)) {
            return Buffer.buffer(in.readAllBytes());
        } catch (IOException e) {
            throw new IllegalStateException(name, e);
        }
    }

    @Override
    public void close() {
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }
}
