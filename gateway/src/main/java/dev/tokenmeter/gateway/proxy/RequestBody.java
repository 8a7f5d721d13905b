package dev.tokenmeter.gateway.proxy;

import com.fasterxml.jackson.core.JsonFactory;
import dev.tokenmeter.gateway.dialect.RequestReader;
import dev.tokenmeter.gateway.dialect.StreamOptions;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;

/**
 * A request's body on its way to the provider: streamed through with back-pressure, or held and edited where usage has to
 * be asked for. Either way the model that it names is read. For one event loop.
 */
final class RequestBody {
    /** It is longer than may be held. */
    static final class TooLongException extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }

    private final HttpServerRequest in;
    private final int maxHeldBytes;
    private final boolean json;
    private final RequestReader reader;
    private final Runnable sign;
    private Buffer held;
    private boolean askedForUsage;

    /** @param sign told of each part that moves */
    RequestBody(HttpServerRequest in, JsonFactory factory, int maxHeldBytes, boolean metered, Runnable sign) {
        this.in = in;
        this.maxHeldBytes = maxHeldBytes;
        String type = in.getHeader("content-type");
        this.json = type != null && type.contains("json") && in.getHeader("content-encoding") == null;
        this.reader = metered && json ? RequestReader.create(factory) : null;
        this.sign = sign;
    }

    /**
     * Reads it whole, if it is JSON; otherwise does nothing.
     *
     * @param asksForUsage whether to ask for usage in it
     */
    Future<Void> hold(boolean asksForUsage) {
        if (!json) {
            return Future.succeededFuture();
        }
        Promise<Void> done = Promise.promise();
        Buffer body = Buffer.buffer();
        in.handler(part -> {
            if (body.length() + part.length() > maxHeldBytes) {
                in.handler(ignored -> {});
                done.tryFail(new TooLongException());
            } else {
                read(part);
                body.appendBuffer(part);
            }
        });
        in.endHandler(end -> {
            if (asksForUsage) {
                StreamOptions.Result result = StreamOptions.askForUsage(body.getBytes());
                askedForUsage = result.asked();
                held = Buffer.buffer(result.body());
            } else {
                held = body;
            }
            done.tryComplete();
        });
        in.resume();
        return done.future();
    }

    /** Its bytes; null when it is not held. */
    byte[] held() {
        return held == null ? null : held.getBytes();
    }

    /** Sends it. */
    void sendTo(HttpClientRequest upstream) {
        if (held != null) {
            upstream.putHeader("content-length", Integer.toString(held.length()))
                    .end(held);
            held = null;
        } else if (isEmpty()) {
            upstream.end();
            in.resume();
        } else {
            stream(upstream);
        }
    }

    private boolean isEmpty() {
        String length = in.getHeader("content-length");
        if (length != null) {
            return length.equals("0");
        }
        boolean bodiless = in.method() == HttpMethod.GET || in.method() == HttpMethod.HEAD;
        return in.getHeader("transfer-encoding") == null && (in.version() != HttpVersion.HTTP_2 || bodiless);
    }

    private void stream(HttpClientRequest upstream) {
        String length = in.getHeader("content-length");
        if (length == null) {
            upstream.setChunked(true);
        } else {
            upstream.putHeader("content-length", length);
        }
        in.handler(part -> {
            sign.run();
            read(part);
            upstream.write(part);
            if (upstream.writeQueueFull()) {
                in.pause();
                upstream.drainHandler(drained -> in.resume());
            }
        });
        in.endHandler(end -> upstream.end());
        in.resume();
    }

    private void read(Buffer part) {
        if (reader != null && reader.model() == null) {
            reader.feed(part.getBytes());
        }
    }

    /** The model that it names, as far as it was read; null when none was. */
    String model() {
        return reader == null ? null : reader.model();
    }

    /** Whether the gateway asked for usage, and the client did not. */
    boolean askedForUsage() {
        return askedForUsage;
    }
}
