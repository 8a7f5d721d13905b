package dev.tokenmeter.benchmarks.target;

import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;

/**
 * A provider that always answers the same: a chat completion of 936 bytes, a stream of as many chunks as asked, or, for the
 * content of a file, a batch's output of {@link #BATCH_RESULTS} results.
 */
public final class FixedUpstream {
    /** In the output of a batch. */
    public static final int BATCH_RESULTS = 20_000;

    private static final int SMALL = 1 << 16;
    private static final String TEXT = "The Rhine rises in the Swiss Alps and reaches the North Sea; the Rhone, fed by "
            + "the Rhone glacier, reaches the Mediterranean near Arles, and so does the Po by way of the Adriatic; the "
            + "Inn, the Salzach, the Drava and the Mur carry Alpine water to the Danube and with it to the Black Sea. ";
    private static final String USAGE = "{\"prompt_tokens\":57,\"completion_tokens\":84,\"total_tokens\":141,"
            + "\"prompt_tokens_details\":{\"cached_tokens\":0,\"audio_tokens\":0},\"completion_tokens_details\":"
            + "{\"reasoning_tokens\":0,\"audio_tokens\":0,\"accepted_prediction_tokens\":0,"
            + "\"rejected_prediction_tokens\":0}}";
    private static final String ID = "\"id\":\"chatcmpl-CvQ7benchmark0123456789abcde\"";
    private static final Buffer ANSWER = Buffer.buffer(padded("{" + ID + ",\"object\":\"chat.completion\","
            + "\"created\":1763990000,\"model\":\"gpt-4o-mini-2024-07-18\",\"choices\":[{\"index\":0,\"message\":"
            + "{\"role\":\"assistant\",\"content\":\"" + TEXT
            + "\",\"refusal\":null,\"annotations\":[]},\"logprobs\":null,"
            + "\"finish_reason\":\"stop\"}],\"usage\":" + USAGE
            + ",\"service_tier\":\"default\",\"system_fingerprint\":\"fp_560af6e559\"}"));
    private static final String CHUNK = "data: {" + ID + ",\"object\":\"chat.completion.chunk\",\"created\":1763990000,"
            + "\"model\":\"gpt-4o-mini-2024-07-18\",\"service_tier\":\"default\",\"system_fingerprint\":\"fp_560af6e559\","
            + "\"choices\":[%s],\"usage\":%s}\n\n";
    private static final Buffer DELTA = Buffer.buffer(CHUNK.formatted(
            "{\"index\":0,\"delta\":{\"content\":\" river\"},\"logprobs\":null,\"finish_reason\":null}", "null"));
    private static final Buffer LAST = Buffer.buffer(CHUNK.formatted("", USAGE) + "data: [DONE]\n\n");

    private final Vertx vertx;
    private final int chunks;
    private final int delayMs;

    private FixedUpstream(Vertx vertx, int chunks, int delayMs) {
        this.vertx = vertx;
        this.chunks = chunks;
        this.delayMs = delayMs;
    }

    private static String padded(String json) {
        return json + " ".repeat(Math.max(0, 936 - json.length()));
    }

    /** @param args port, chunks of a stream, milliseconds between them */
    public static void main(String[] args) {
        Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(2));
        FixedUpstream upstream = new FixedUpstream(vertx, Integer.parseInt(args[1]), Integer.parseInt(args[2]));
        HttpServerOptions options = new HttpServerOptions().setHost("127.0.0.1").setPort(Integer.parseInt(args[0]));
        vertx.deployVerticle(
                        () -> new VerticleBase() {
                            @Override
                            public Future<?> start() {
                                return this.vertx
                                        .createHttpServer(options)
                                        .requestHandler(upstream::answer)
                                        .listen();
                            }
                        },
                        new DeploymentOptions().setInstances(2))
                .onSuccess(done -> Ready.say(options.getPort()))
                .onFailure(Ready::fail);
    }

    private void answer(HttpServerRequest in) {
        if (in.path().endsWith("/content")) {
            HttpServerResponse out =
                    in.response().setChunked(true).putHeader("content-type", "application/octet-stream");
            results(out, 0);
            return;
        }
        in.body().onSuccess(body -> {
            HttpServerResponse out = in.response().putHeader("x-request-id", "req_benchmark");
            if (body.length() < SMALL && body.toString().contains("\"stream\":true")) {
                out.setChunked(true).putHeader("content-type", "text/event-stream");
                stream(out, chunks);
            } else {
                out.putHeader("content-type", "application/json").end(ANSWER);
            }
        });
    }

    private static void results(HttpServerResponse out, int from) {
        int next = from;
        while (next < BATCH_RESULTS && !out.closed() && !out.writeQueueFull()) {
            out.write(Buffer.buffer("{\"id\":\"batch_req_" + next + "\",\"custom_id\":\"" + next
                            + "\",\"response\":{\"status_code\":200,\"request_id\":\"req_" + next + "\",\"body\":")
                    .appendBuffer(ANSWER)
                    .appendString("},\"error\":null}\n"));
            next++;
        }
        int first = next;
        if (out.closed()) {
            return;
        } else if (next == BATCH_RESULTS) {
            out.end();
        } else {
            out.drainHandler(drained -> results(out, first));
        }
    }

    private void stream(HttpServerResponse out, int left) {
        if (out.closed()) {
            return;
        }
        if (left == 0) {
            out.end(LAST);
            return;
        }
        out.write(DELTA);
        if (delayMs == 0) {
            stream(out, left - 1);
        } else {
            vertx.setTimer(delayMs, timer -> stream(out, left - 1));
        }
    }
}
