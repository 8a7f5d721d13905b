package dev.tokenmeter.gateway.outbox;

import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;

/**
 * A ring of events in a mapped file on a memory file system, where they outlive the process and no disk can make whoever
 * writes wait. One thread appends, another releases what is safe elsewhere.
 *
 * <p>A record is its position in all that was ever appended, its length, a checksum of these and of the event, and the
 * event. What an earlier lap left has another position, and what a dying process left half written another checksum.
 */
final class Journal {
    /** Position of the first record that is not safe elsewhere. */
    private static final int RELEASED_AT = 0;

    private static final int HEAD = 64;
    private static final int RECORD_HEAD = Long.BYTES + 2 * Integer.BYTES;
    private static final int ALIGNMENT = Long.BYTES;
    private static final int BLOCK = 1 << 16;
    private static final VarHandle LONG = MethodHandles.byteBufferViewVarHandle(long[].class, ByteOrder.nativeOrder());

    private final MappedByteBuffer file;
    private final long capacity;
    private long end;

    private Journal(MappedByteBuffer file) {
        this.file = file;
        this.capacity = file.capacity() - HEAD;
    }

    /**
     * Makes a new one. All of its memory is taken at once, so that none can be lacking later.
     *
     * @param capacity in bytes, with what the records' heads take
     * @throws IOException if the file is there, or its file system has no room
     */
    static Journal create(Path path, int capacity) throws IOException {
        int size = HEAD + aligned(capacity);
        try (FileChannel channel = FileChannel.open(
                path, StandardOpenOption.CREATE_NEW, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            for (int at = 0; at < size; ) {
                at += channel.write(ByteBuffer.allocate(Math.min(BLOCK, size - at)), at);
            }
            return new Journal(map(channel, FileChannel.MapMode.READ_WRITE));
        }
    }

    private static MappedByteBuffer map(FileChannel channel, FileChannel.MapMode mode) throws IOException {
        MappedByteBuffer file = channel.map(mode, 0, channel.size());
        file.order(ByteOrder.nativeOrder());
        return file;
    }

    /** What a process that died left in a file of its own and had not released, oldest first. */
    static List<byte[]> read(Path path) throws IOException {
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            if (channel.size() < HEAD + RECORD_HEAD) {
                return List.of(); // it died while it made it
            }
            return new Journal(map(channel, FileChannel.MapMode.READ_ONLY)).unreleased();
        }
    }

    private static int aligned(int bytes) {
        return (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    }

    /**
     * Appends an event; on return it outlives this process. Never blocks.
     *
     * @return whether there was room
     */
    boolean append(byte[] event) {
        int size = aligned(RECORD_HEAD + event.length);
        long position = end;
        if (size > capacity - position % capacity) {
            position = lapAfter(position);
        }
        if (size > capacity || position + size - released() > capacity) {
            return false;
        }
        int at = at(position);
        file.put(at + RECORD_HEAD, event);
        file.putLong(at, position);
        file.putInt(at + Long.BYTES, event.length);
        file.putInt(at + Long.BYTES + Integer.BYTES, checksum(position, event));
        end = position + size;
        return true;
    }

    /** Where the next record begins; for {@link #release}. For the thread that appends. */
    long end() {
        return end;
    }

    /** Forgets the records before a position; for one thread. */
    void release(long position) {
        LONG.setRelease(file, RELEASED_AT, position);
    }

    private long released() {
        return (long) LONG.getAcquire(file, RELEASED_AT);
    }

    private long lapAfter(long position) {
        return position + capacity - position % capacity;
    }

    private int at(long position) {
        return HEAD + (int) (position % capacity);
    }

    private List<byte[]> unreleased() {
        List<byte[]> events = new ArrayList<>();
        long position = Math.max(0, released());
        while (true) {
            byte[] event = record(position);
            if (event == null && position % capacity != 0) {
                position = lapAfter(position);
                event = record(position);
            }
            if (event == null) {
                return events;
            }
            events.add(event);
            position += aligned(RECORD_HEAD + event.length);
        }
    }

    private byte[] record(long position) {
        int at = at(position);
        if (at + RECORD_HEAD > file.capacity() || file.getLong(at) != position) {
            return null;
        }
        int length = file.getInt(at + Long.BYTES);
        if (length <= 0 || length > file.capacity() - at - RECORD_HEAD) {
            return null;
        }
        byte[] event = new byte[length];
        file.get(at + RECORD_HEAD, event);
        return file.getInt(at + Long.BYTES + Integer.BYTES) == checksum(position, event) ? event : null;
    }

    private static int checksum(long position, byte[] event) {
        CRC32C crc = new CRC32C();
        crc.update(event);
        return (int) crc.getValue() ^ Long.hashCode(position) ^ event.length;
    }
}
