package dev.tokenmeter.gateway.proxy;

import dev.tokenmeter.gateway.coding.ContentDecoder;
import dev.tokenmeter.gateway.coding.Decoders;
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
    /** What bodies share. */
    record Shared(int maxHeldBytes, HeldBytes heldBytes, Decoders decoders) {}

    /** All bodies together are longer than may be held. */
    static final class NoRoomException extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }

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
    private final Shared shared;
    private final boolean json;
    private final String coding;
    private final ContentDecoder decoder;
    private final RequestReader reader;
    private final Recording recording;
    private final Runnable sign;
    private Buffer held;
    private byte[] bytes;
    private RequestFields fields;
    private long taken;
    private long takenToDecode;
    private boolean plain;
    private boolean garbled;
    private long decodedBytes;
    private boolean sent;
    private boolean arrived;
    private boolean waitsForProvider;
    private boolean askedForUsage;

    /**
     * @param call that it is of
     * @param reader reads along, if it is JSON; null when nobody wants to know
     * @param recording records it, if it is JSON
     * @param sign told of each part that moves
     */
    RequestBody(
            Shared shared, HttpServerRequest in, Call call, RequestReader reader, Recording recording, Runnable sign) {
        this.shared = shared;
        this.in = in;
        this.coding = Decoders.coding(in.headers());
        this.decoder = coding == null ? null : shared.decoders.of(coding);
        boolean readable = coding == null || decoder != null;
        this.json = readable && RequestReader.isJson(in.getHeader("content-type"), call.operation());
        this.reader = readable ? reader : null;
        this.recording = recording;
        this.sign = sign;
    }

    /** Whether it is known beforehand that {@link #hold} would succeed. */
    boolean canBeHeld() {
        String length = in.getHeader("content-length");
        return json && decoder == null && length != null && isWithin(length, shared.maxHeldBytes);
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
        Gathered body = new Gathered();
        in.handler(part -> {
            sign.run();
            if (body.length() + part.length() > shared.maxHeldBytes) {
                in.handler(ignored -> {});
                done.tryFail(new TooLongException());
            } else if (!take(part.length())) {
                in.handler(ignored -> {});
                done.tryFail(new NoRoomException());
            } else {
                byte[] its = part.getBytes();
                if (decoder == null) {
                    read(part, its);
                }
                body.add(part, its);
            }
        });
        in.endHandler(end -> {
            arrived = true;
            try {
                held = decoder == null ? body.whole() : decoded(body.whole());
                bytes = decoder == null ? body.bytes() : null;
                done.tryComplete();
            } catch (TooLongException | NoRoomException e) {
                done.tryFail(e);
            }
        });
        in.resume();
        return done.future();
    }

    /** A body that had to be read whole goes on as it reads; one that is not what it says goes on as it came. */
    private Buffer decoded(Buffer body) {
        try {
            byte[] unpacked = ContentDecoder.decode(decoder, body.getBytes(), shared.maxHeldBytes);
            if (unpacked == null) {
                throw new TooLongException();
            } else if (!take(unpacked.length)) {
                throw new NoRoomException();
            }
            plain = true;
            Buffer whole = Buffer.buffer(unpacked);
            read(whole, unpacked);
            return whole;
        } catch (IOException e) {
            garbled = true;
            return body;
        }
    }

    private boolean take(int length) {
        if (!shared.heldBytes.take(length)) {
            return false;
        }
        taken += length;
        return true;
    }

    /** Whether what it says could be read, if it was held: it is what it says that it is. */
    boolean isReadable() {
        return json && !garbled;
    }

    /** Whether it is. */
    boolean isHeld() {
        return held != null;
    }

    /** Names another model in a body that is held. */
    void rename(String model) {
        held = Buffer.buffer(ModelName.replace(held(), model));
        bytes = null;
    }

    /** Its bytes, not to be changed; null when it is not held. */
    byte[] held() {
        if (bytes == null && held != null) {
            bytes = held.getBytes();
        }
        return bytes;
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
            Buffer body = edited(sending);
            upstream.putHeader("content-length", Integer.toString(body.length()))
                    .end(body)
                    .onComplete(out -> {
                        if (!sending.keeps) {
                            give();
                        }
                    });
            if (!sending.keeps) {
                forget();
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
        byte[] original = held();
        byte[] body = original;
        if (sending.asksForUsage) {
            StreamOptions.Result result = StreamOptions.askForUsage(body);
            askedForUsage = result.asked();
            body = result.body();
        }
        body = sending.model == null ? body : ModelName.replace(body, sending.model);
        return body == original ? held : Buffer.buffer(body);
    }

    /** It will not be sent again. */
    void release() {
        forget();
        give();
    }

    private void forget() {
        held = null;
        bytes = null;
    }

    private void give() {
        shared.heldBytes.give(taken);
        taken = 0;
    }

    /** Nothing more of it will be read; may be called more than once. */
    void close() {
        release();
        if (decoder != null) {
            decoder.close();
            shared.heldBytes.give(takenToDecode);
            takenToDecode = 0;
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
            arrived = true;
            close();
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
        if (reader == null) {
            return;
        } else if (decoder == null) {
            read(part, part.getBytes());
        } else if (mayDecode()) {
            try {
                decoder.feed(part.getBytes(), bytes -> {
                    read(Buffer.buffer(bytes), bytes);
                    decodedBytes += bytes.length;
                    garbled = decodedBytes > shared.maxHeldBytes; // nobody looks at what follows
                    return !garbled;
                });
            } catch (IOException e) {
                garbled = true;
            }
        }
    }

    /** Where there is no room for it, the body passes unread. */
    private boolean mayDecode() {
        if (!garbled && takenToDecode == 0) {
            int memory = ContentDecoder.memory(coding);
            garbled = !shared.heldBytes.take(memory);
            takenToDecode = garbled ? 0 : memory;
        }
        return !garbled;
    }

    private void read(Buffer part, byte[] its) {
        if (reader != null) {
            recording.add(part);
            reader.feed(its);
        }
    }

    /** What it says, as far as it was read. */
    RequestFields fields() {
        if (reader == null) {
            return RequestFields.NONE;
        } else if (!arrived) {
            return reader.fields();
        }
        fields = fields == null ? reader.fields() : fields; // for good: nothing more will come
        return fields;
    }

    /** Whether the gateway asked for usage, and the client did not. */
    boolean askedForUsage() {
        return askedForUsage;
    }
}
