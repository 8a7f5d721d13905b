package dev.tokenmeter.gateway.dialect;

/** Cuts bytes that come in pieces of any size into the pieces that were sent. Every byte comes out again. For one thread. */
public interface StreamSplitter {
    /** Takes one piece: the bytes from {@code from} to {@code to}, exclusive, valid during the call only. */
    @FunctionalInterface
    interface Sink {
        void piece(byte[] bytes, int from, int to);
    }

    /** Takes the next bytes and hands over each piece that they complete. */
    void feed(byte[] chunk, Sink sink);

    /** Bytes of the piece that has not ended. */
    int pending();

    /** The bytes of the piece that has not ended; they are forgotten here. */
    byte[] takeRest();
}
