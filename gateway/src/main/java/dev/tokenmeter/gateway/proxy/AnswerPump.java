package dev.tokenmeter.gateway.proxy;

import dev.tokenmeter.gateway.dialect.UsageReader;
import dev.tokenmeter.schemas.Outcome;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Carries an answer to the client as it comes. Its end is held until the call is metered; nothing else ever waits. A client
 * that reads slowly slows the provider down, so nothing piles up here. For one event loop.
 */
final class AnswerPump {
    private final HttpClientResponse answer;
    private final HttpServerResponse out;
    private final UsageReader reader;
    private final CallClock clock;
    private final Function<Outcome, Future<Void>> meter;
    private final Runnable sign;
    private final long length;
    private long received;
    private boolean metering;
    private boolean metered;
    private boolean waitingForClient;
    private Supplier<Future<Void>> room = () -> null;
    private boolean waitingForRoom;
    private boolean brokeOff;
    private Buffer last = Buffer.buffer();
    private boolean clientGone;

    /**
     * @param out null when the client has gone
     * @param reader watches; null for a call that is not metered
     * @param meter meters the call by its outcome
     * @param sign told of each part that moves
     */
    AnswerPump(
            HttpClientResponse answer,
            HttpServerResponse out,
            UsageReader reader,
            CallClock clock,
            Function<Outcome, Future<Void>> meter,
            Runnable sign) {
        this.answer = answer;
        this.out = out;
        this.clientGone = out == null;
        this.reader = reader;
        this.clock = clock;
        this.meter = meter;
        this.sign = sign;
        this.length = contentLength(answer);
    }

    private static long contentLength(HttpClientResponse answer) {
        String value = answer.getHeader("content-length");
        try {
            return value == null ? -1 : Long.parseLong(value.strip());
        } catch (NumberFormatException e) {
            return -1;
        }
    }

    /** @param forRoom asked after each part: whether the next has to wait, and for what; null for no */
    void waitFor(Supplier<Future<Void>> forRoom) {
        this.room = forRoom;
    }

    /**
     * Starts.
     *
     * @param ended told when the provider has sent everything
     * @param broken told when its connection breaks off
     */
    void start(Runnable ended, Runnable broken) {
        answer.exceptionHandler(failure -> broken.run());
        answer.endHandler(end -> {
            ended.run();
            ended();
        });
        answer.handler(this::part);
    }

    private void part(Buffer part) {
        clock.work();
        clock.answered();
        sign.run();
        received += part.length();
        if (metered || reader == null) {
            write(part);
        } else {
            read(part);
        }
        if (!metering) {
            clock.pause();
        }
    }

    private void read(Buffer part) {
        Buffer now = reader.pass(part);
        Future<Void> wait = room.get();
        if (wait != null && !waitingForRoom) {
            waitingForRoom = true;
            answer.pause();
            wait.onComplete(there -> {
                waitingForRoom = false;
                resume();
            });
        }
        if (received == length) {
            Buffer held = reader.takeHeld();
            release(now.length() == 0 ? held : now.copy().appendBuffer(held));
        } else {
            write(now);
            if (reader.complete()) {
                release(reader.takeHeld());
            }
        }
    }

    /** Meters, then lets the held bytes go. The provider waits meanwhile, with what may follow. */
    private void release(Buffer held) {
        metering = true;
        // With the last byte of a known length comes the end, so both go out in one piece, often with the head.
        boolean endIsHere = received == length && answer.version() != HttpVersion.HTTP_2;
        answer.pause();
        meter.apply(Outcome.completed).onComplete(done -> {
            metered = true;
            metering = false;
            clock.pause();
            if (brokeOff) {
                end(held);
                return;
            } else if (endIsHere) {
                last = held;
            } else {
                write(held);
            }
            resume();
        });
    }

    private void ended() {
        clock.work();
        if (metered) {
            end(last);
            return;
        }
        Buffer held = reader == null ? Buffer.buffer() : reader.takeHeld();
        metering = true;
        meter.apply(Outcome.completed).onComplete(done -> {
            metered = true;
            end(held);
        });
    }

    private void end(Buffer rest) {
        clock.pause();
        if (!clientGone && !out.closed() && !out.ended()) {
            out.end(rest);
        }
    }

    /** The answer breaks off: meters what was seen, gives the client what is left of it, and breaks off as well. */
    void breakOff(Outcome outcome) {
        if (metering || metered) {
            endWhenReleased();
            return;
        }
        clock.work();
        Buffer held = reader == null ? Buffer.buffer() : reader.takeHeld();
        metering = true;
        meter.apply(outcome).onComplete(safe -> {
            metered = true;
            clock.pause();
            write(held);
            if (!clientGone && !out.closed() && !out.ended()) {
                out.reset();
            }
        });
    }

    /** All of it had come; only the provider's connection did not end as it should. */
    private void endWhenReleased() {
        brokeOff = true;
        if (metered) {
            end(last);
        }
    }

    private void write(Buffer bytes) {
        if (bytes.length() == 0 || clientGone || out.closed() || out.ended()) {
            return;
        }
        out.write(bytes);
        if (out.writeQueueFull() && !waitingForClient) {
            waitingForClient = true;
            answer.pause();
            out.drainHandler(drained -> {
                waitingForClient = false;
                sign.run();
                resume();
            });
        }
    }

    private void resume() {
        if (!metering && !waitingForClient && !waitingForRoom) {
            answer.resume();
        }
    }

    /** The client has gone: the rest is read for its usage alone. */
    void drain() {
        clientGone = true;
        waitingForClient = false;
        resume();
    }

    /** Whether the answer has not been metered yet. */
    boolean isMeterable() {
        return !metering && !metered;
    }

    /** Whether it is the client's turn. */
    boolean isWaitingForClient() {
        return waitingForClient;
    }
}
