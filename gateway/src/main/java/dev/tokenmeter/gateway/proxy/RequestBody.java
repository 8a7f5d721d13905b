package dev.tokenmeter.gateway.proxy;

import dev.tokenmeter.gateway.coding.ContentDecoder;
import dev.tokenmeter.gateway.dialect.ModelName;
import dev.tokenmeter.gateway.dialect.RequestFields;
import dev.tokenmeter.gateway.dialect.RequestReader;
import dev.tokenmeter.gateway.dialect.StreamOptions;
import dev.tokenmeter.gateway.estimate.Recording;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import java.io.IOException;
import java.util.function.Consumer;

/**
 * A request's body on its way to the provider: streamed through with back-pressure, or held, where it has to be judged,
 * edited or perhaps sent again. Either way the few fields that its event names are read. For one event loop.
 */
final class RequestBody {
    /** It is longer than may be held. */
    static final class TooLongException extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }

    /**
     * What is done to a body that is held when it is sent; one that streams through is left as it is.
     *
     * @param asksForUsage whether to ask for usage in it
     * @param model to name in the place of the caller's; null to leave that
     * @param keeps whether it may have to be sent again
     */
    record Sending(boolean asksForUsage, String model, boolean keeps) {}

    private final HttpServerRequest in;
    private final int maxHeldBytes;
    private final boolean json;
    private final ContentDecoder decoder;
    private final RequestReader reader;
    private final Recording recording;
    private final Runnable sign;
    private Buffer held;
    private boolean plain;
    private boolean garbled;
    private long decodedBytes;
    private boolean sent;
    private boolean arrived;
    private boolean waitsForProvider;
    private boolean askedForUsage;

    /**
     * @param reader reads along, if it is JSON; null when nobody wants to know
     * @param recording records it, if it is JSON
     * @param sign told of each part that moves
     */
    RequestBody(HttpServerRequest in, RequestReader reader, Recording recording, int maxHeldBytes, Runnable sign) {
        this.in = in;
        this.maxHeldBytes = maxHeldBytes;
        String type = in.getHeader("content-type");
        String encoding = in.getHeader("content-encoding");
        this.decoder = encoding == null ? null : ContentDecoder.of(encoding);
        boolean readable = encoding == null || decoder != null;
        this.json = readable && type != null && type.contains("json");
        this.reader = readable ? reader : null;
        this.recording = recording;
        this.sign = sign;
    }

    /** Whether it is known beforehand that {@link #hold} would succeed. */
    boolean canBeHeld() {
        String length = in.getHeader("content-length");
        return json && decoder == null && length != null && isWithin(length, maxHeldBytes);
    }

    private static boolean isWithin(String length, int max) {
        try {
            long bytes = Long.parseLong(length);
            return bytes >= 0 && bytes <= max;
        } catch (NumberFormatException e) {
            return false;
        }
    }

    /** Reads it whole, if it is JSON; otherwise does nothing. */
    Future<Void> hold() {
        if (!json) {
            return Future.succeededFuture();
        }
        Promise<Void> done = Promise.promise();
        Buffer body = Buffer.buffer();
        in.handler(part -> {
            sign.run();
            if (body.length() + part.length() > maxHeldBytes) {
                in.handler(ignored -> {});
                done.tryFail(new TooLongException());
            } else {
                if (decoder == null) {
                    read(part);
                }
                body.appendBuffer(part);
            }
        });
        in.endHandler(end -> {
            arrived = true;
            try {
                held = decoder == null ? body : decoded(body);
                done.tryComplete();
            } catch (TooLongException e) {
                done.tryFail(e);
            }
        });
        in.resume();
        return done.future();
    }

    /** A body that had to be read whole goes on as it reads; one that is not what it says goes on as it came. */
    private Buffer decoded(Buffer body) {
        try {
            byte[] bytes = ContentDecoder.decode(decoder, body.getBytes(), maxHeldBytes);
            if (bytes == null) {
                throw new TooLongException();
            }
            plain = true;
            Buffer whole = Buffer.buffer(bytes);
            read(whole);
            return whole;
        } catch (IOException e) {
            garbled = true;
            return body;
        }
    }

    /** Whether it is. */
    boolean isHeld() {
        return held != null;
    }

    /** Names another model in a body that is held. */
    void rename(String model) {
        held = Buffer.buffer(ModelName.replace(held.getBytes(), model));
    }

    /** Its bytes; null when it is not held. */
    byte[] held() {
        return held == null ? null : held.getBytes();
    }

    /** Whether all of it is here, or there is nothing to come. */
    boolean hasArrived() {
        return arrived || isEmpty();
    }

    /** Whether it can be sent, or sent again, and be edited for that. */
    boolean isEditable() {
        return held != null || isEmpty();
    }

    /** Whether it can be sent, or sent again. */
    boolean isSendable() {
        return isEditable() || !sent;
    }

    /** Whether its next part waits until the provider takes more. */
    boolean isWaitingForProvider() {
        return waitsForProvider;
    }

    /**
     * Sends it.
     *
     * @param gone told when all of it has gone out; at once for a body that is held
     * @param refused told when a part of it cannot be written
     */
    void sendTo(HttpClientRequest upstream, Sending sending, Runnable gone, Consumer<RuntimeException> refused) {
        sent = true;
        if (plain) {
            upstream.headers().remove("content-encoding");
        }
        if (held != null) {
            Buffer bytes = edited(sending);
            upstream.putHeader("content-length", Integer.toString(bytes.length()))
                    .end(bytes);
            if (!sending.keeps) {
                release();
            }
            gone.run();
        } else if (isEmpty()) {
            upstream.end();
            in.resume();
            gone.run();
        } else {
            stream(upstream, gone, refused);
        }
    }

    private Buffer edited(Sending sending) {
        askedForUsage = false;
        if (garbled || !sending.asksForUsage && sending.model == null) {
            return held;
        }
        byte[] bytes = held.getBytes();
        if (sending.asksForUsage) {
            StreamOptions.Result result = StreamOptions.askForUsage(bytes);
            askedForUsage = result.asked();
            bytes = result.body();
        }
        return Buffer.buffer(sending.model == null ? bytes : ModelName.replace(bytes, sending.model));
    }

    /** It will not be sent again. */
    void release() {
        held = null;
    }

    private boolean isEmpty() {
        String length = in.getHeader("content-length");
        if (length != null) {
            return length.equals("0");
        }
        boolean bodiless = in.method() == HttpMethod.GET || in.method() == HttpMethod.HEAD;
        return in.getHeader("transfer-encoding") == null && (in.version() != HttpVersion.HTTP_2 || bodiless);
    }

    private void stream(HttpClientRequest upstream, Runnable gone, Consumer<RuntimeException> refused) {
        String length = in.getHeader("content-length");
        if (length == null) {
            upstream.setChunked(true);
        } else {
            upstream.putHeader("content-length", length);
        }
        in.handler(part -> {
            sign.run();
            readAlong(part);
            try {
                upstream.write(part);
            } catch (RuntimeException e) {
                refused.accept(e);
                return;
            }
            if (upstream.writeQueueFull()) {
                waitsForProvider = true;
                in.pause();
                upstream.drainHandler(drained -> {
                    waitsForProvider = false;
                    sign.run();
                    in.resume();
                });
            }
        });
        in.endHandler(end -> {
            if (decoder != null) {
                decoder.close();
            }
            arrived = true;
            try {
                upstream.end();
            } catch (RuntimeException e) {
                refused.accept(e);
                return;
            }
            gone.run();
        });
        in.resume();
    }

    private void readAlong(Buffer part) {
        if (decoder == null) {
            read(part);
        } else if (!garbled) {
            try {
                decoder.feed(part.getBytes(), bytes -> {
                    read(Buffer.buffer(bytes));
                    decodedBytes += bytes.length;
                    garbled = decodedBytes > maxHeldBytes; // nobody looks at what follows
                    return !garbled;
                });
            } catch (IOException e) {
                garbled = true;
            }
        }
    }

    private void read(Buffer part) {
        if (reader != null) {
            recording.add(part);
            reader.feed(part.getBytes());
        }
    }

    /** What it says, as far as it was read. */
    RequestFields fields() {
        return reader == null ? RequestFields.NONE : reader.fields();
    }

    /** Whether the gateway asked for usage, and the client did not. */
    boolean askedForUsage() {
        return askedForUsage;
    }
}
