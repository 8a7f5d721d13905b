package dev.tokenmeter.gateway.dialect;

import java.util.Arrays;

/** Cuts bytes that come in pieces of any size into lines; their line break belongs to them. For one thread. */
public final class LineSplitter implements StreamSplitter {
    private byte[] buffer = new byte[1024];
    private int size;

    @Override
    public void feed(byte[] chunk, Sink sink) {
        int from = 0;
        for (int i = 0; i < chunk.length; i++) {
            if (chunk[i] != '\n') {
                continue;
            }
            if (size == 0) {
                sink.piece(chunk, from, i + 1);
            } else {
                append(chunk, from, i + 1);
                int length = size;
                size = 0;
                sink.piece(buffer, 0, length);
            }
            from = i + 1;
        }
        append(chunk, from, chunk.length);
    }

    private void append(byte[] chunk, int from, int to) {
        int length = to - from;
        if (size + length > buffer.length) {
            buffer = Arrays.copyOf(buffer, Math.max(size + length, buffer.length * 2));
        }
        System.arraycopy(chunk, from, buffer, size, length);
        size += length;
    }

    @Override
    public int pending() {
        return size;
    }

    @Override
    public byte[] takeRest() {
        byte[] rest = Arrays.copyOf(buffer, size);
        size = 0;
        return rest;
    }
}
