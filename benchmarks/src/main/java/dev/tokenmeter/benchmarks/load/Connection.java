package dev.tokenmeter.benchmarks.load;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;

/** One connection, one call at a time. Written to by whoever took it, read by the reading thread. */
final class Connection {
    private final int port;
    private final Selector selector;
    private final ByteBuffer request;
    final AnswerParser parser = new AnswerParser();
    private SocketChannel channel;
    private volatile long intended;
    private volatile boolean busy;
    private boolean firstByteTaken;

    Connection(int port, Selector selector, byte[] request) throws IOException {
        this.port = port;
        this.selector = selector;
        this.request = ByteBuffer.allocateDirect(request.length).put(request).flip();
        open();
    }

    private void open() throws IOException {
        channel = SocketChannel.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        channel.configureBlocking(false);
        channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
        channel.register(selector, SelectionKey.OP_READ, this);
    }

    /** Sends the request, which was meant to go out at a time of {@link System#nanoTime}. */
    void send(long intendedNanos) throws IOException {
        parser.reset();
        firstByteTaken = false;
        intended = intendedNanos;
        busy = true;
        ByteBuffer out = request.duplicate();
        while (out.hasRemaining()) {
            if (channel.write(out) == 0) {
                Thread.yield(); // a large body, which the server takes as it can
            }
        }
    }

    /** -1 at the end of the connection. */
    int read(ByteBuffer into) {
        try {
            return channel.read(into);
        } catch (IOException e) {
            return -1; // reset: the same to us
        }
    }

    boolean takeFirstByte() {
        boolean first = parser.bodySeen() && !firstByteTaken;
        firstByteTaken |= first;
        return first;
    }

    void done() {
        busy = false;
    }

    boolean isBusy() {
        return busy;
    }

    long intended() {
        return intended;
    }

    /** A new connection in the place of one that the server closed. */
    void reopen() throws IOException {
        close();
        open();
    }

    void close() throws IOException {
        channel.close();
    }
}
