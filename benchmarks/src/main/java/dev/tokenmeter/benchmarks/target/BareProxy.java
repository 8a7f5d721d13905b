package dev.tokenmeter.benchmarks.target;

import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.VerticleBase;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.PoolOptions;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** The least that a proxy on Vert.x can do: streams both ways with back-pressure, and neither reads nor keeps anything. */
public final class BareProxy extends VerticleBase {
    private static final Set<String> HOP_BY_HOP = Set.of(
            "connection",
            "keep-alive",
            "proxy-authenticate",
            "proxy-authorization",
            "te",
            "trailer",
            "transfer-encoding",
            "upgrade",
            "host",
            "expect");
    private static final long CANCEL = 8;

    private final int port;
    private final int upstream;
    private HttpClient client;

    private BareProxy(int port, int upstream) {
        this.port = port;
        this.upstream = upstream;
    }

    /** @param args own port, the upstream's port */
    public static void main(String[] args) {
        int port = Integer.parseInt(args[0]);
        int upstream = Integer.parseInt(args[1]);
        Vertx.vertx(new VertxOptions().setEventLoopPoolSize(2))
                .deployVerticle(() -> new BareProxy(port, upstream), new DeploymentOptions().setInstances(2))
                .onSuccess(done -> Ready.say(port))
                .onFailure(Ready::fail);
    }

    @Override
    public Future<?> start() {
        HttpClientOptions options =
                new HttpClientOptions().setDefaultHost("127.0.0.1").setDefaultPort(upstream);
        client = vertx.createHttpClient(options, new PoolOptions().setHttp1MaxSize(1024));
        return vertx.createHttpServer(
                        new HttpServerOptions().setHost("127.0.0.1").setPort(port))
                .requestHandler(this::forward)
                .listen();
    }

    private void forward(HttpServerRequest in) {
        in.pause();
        client.request(in.method(), in.uri())
                .onSuccess(request -> send(in, request))
                .onFailure(failure -> badGateway(in.response()));
    }

    private static void send(HttpServerRequest in, HttpClientRequest request) {
        HttpServerResponse out = in.response();
        copy(in.headers(), request.headers());
        if (in.getHeader("content-length") == null && in.method() != HttpMethod.GET && in.method() != HttpMethod.HEAD) {
            request.setChunked(true);
        }
        out.closeHandler(closed -> request.reset(CANCEL));
        request.response().onSuccess(answer -> answer(answer, out)).onFailure(failure -> badGateway(out));
        in.pipeTo(request);
    }

    private static void answer(HttpClientResponse answer, HttpServerResponse out) {
        out.setStatusCode(answer.statusCode());
        copy(answer.headers(), out.headers());
        if (answer.getHeader("content-length") == null) {
            out.setChunked(true);
        }
        answer.handler(part -> {
            out.write(part);
            if (out.writeQueueFull()) {
                answer.pause();
                out.drainHandler(drained -> answer.resume());
            }
        });
        answer.endHandler(end -> out.end());
        answer.exceptionHandler(failure -> out.reset());
    }

    private static void badGateway(HttpServerResponse out) {
        if (!out.headWritten() && !out.closed()) {
            out.setStatusCode(502).end();
        }
    }

    private static void copy(MultiMap from, MultiMap to) {
        for (Map.Entry<String, String> header : from) {
            if (!HOP_BY_HOP.contains(header.getKey().toLowerCase(Locale.ROOT))) {
                to.add(header.getKey(), header.getValue());
            }
        }
    }
}
