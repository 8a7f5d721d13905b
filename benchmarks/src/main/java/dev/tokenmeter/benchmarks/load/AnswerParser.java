package dev.tokenmeter.benchmarks.load;

import java.nio.ByteBuffer;
import java.util.Locale;

/** Finds where an HTTP/1.1 answer's body begins and ends, by its length or its chunks. For one connection's answers. */
final class AnswerParser {
    private enum State {
        HEAD,
        FIXED,
        CHUNK_SIZE,
        CHUNK,
        CHUNK_END,
        TRAILER,
        DONE
    }

    private static final int END_OF_HEAD = 0x0D0A0D0A;

    private State state = State.HEAD;
    private final StringBuilder head = new StringBuilder(512);
    private int lastFour;
    private long left;
    private int lineLength;
    private int status;
    private boolean bodySeen;

    void reset() {
        state = State.HEAD;
        head.setLength(0);
        lastFour = 0;
        left = 0;
        lineLength = 0;
        bodySeen = false;
    }

    /** Takes what came; true once the answer is complete. */
    boolean feed(ByteBuffer in) {
        while (in.hasRemaining() && state != State.DONE) {
            switch (state) {
                case HEAD -> head(in.get());
                case FIXED, CHUNK -> skip(in);
                case CHUNK_SIZE -> chunkSize(in.get());
                case CHUNK_END -> {
                    if (in.get() == '\n') {
                        state = State.CHUNK_SIZE;
                        left = 0;
                    }
                }
                case TRAILER -> trailer(in.get());
                default -> throw new IllegalStateException(state.name());
            }
        }
        return state == State.DONE;
    }

    private void head(byte b) {
        head.append((char) (b & 0xFF));
        lastFour = lastFour << 8 | b & 0xFF;
        if (lastFour == END_OF_HEAD) {
            String text = head.toString();
            status = Integer.parseInt(text.substring(9, 12));
            String lower = text.toLowerCase(Locale.ROOT);
            if (lower.contains("\r\ntransfer-encoding: chunked")) {
                state = State.CHUNK_SIZE;
            } else {
                left = length(lower);
                state = left == 0 ? State.DONE : State.FIXED;
            }
        }
    }

    private static long length(String head) {
        String name = "\r\ncontent-length:";
        int at = head.indexOf(name);
        if (at < 0) {
            throw new IllegalStateException("an answer without a length: " + head);
        }
        int from = at + name.length();
        return Long.parseLong(head.substring(from, head.indexOf('\r', from)).strip());
    }

    private void skip(ByteBuffer in) {
        bodySeen = true;
        int step = (int) Math.min(left, in.remaining());
        in.position(in.position() + step);
        left -= step;
        if (left == 0) {
            state = state == State.FIXED ? State.DONE : State.CHUNK_END;
        }
    }

    private void chunkSize(byte b) {
        int digit = Character.digit(b, 16);
        if (digit >= 0) {
            left = left * 16 + digit;
        } else if (b == '\n') {
            state = left == 0 ? State.TRAILER : State.CHUNK;
            lineLength = 0;
        }
    }

    private void trailer(byte b) {
        if (b == '\n') {
            state = lineLength == 0 ? State.DONE : State.TRAILER;
            lineLength = 0;
        } else if (b != '\r') {
            lineLength++;
        }
    }

    boolean bodySeen() {
        return bodySeen;
    }

    int status() {
        return status;
    }
}
