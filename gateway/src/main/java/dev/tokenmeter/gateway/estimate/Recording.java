package dev.tokenmeter.gateway.estimate;

import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.List;

/**
 * The beginning of a body that passes, kept until the call has been metered: as far as the bounds allow, for a copy of a
 * few bytes and no parsing. It must be {@link #forget forgotten} however the call ends. For one event loop.
 */
public final class Recording {
    private static final int SMALLEST_PIECE = 512;
    private static final int LARGEST_PIECE = 16 << 10;

    private final KeptBytes memory;
    private final int limit;
    private final List<byte[]> pieces = new ArrayList<>(4);
    private int taken;
    private int kept;
    private int room;
    private boolean full;
    private long total;

    /** @param limit on what is kept, bytes */
    Recording(KeptBytes memory, int limit) {
        this.memory = memory;
        this.limit = limit;
    }

    /** Takes the next part of the body; the buffer is not kept. */
    public void add(Buffer part) {
        int length = part.length();
        total += length;
        int from = 0;
        while (from < length && !full) {
            if (room == 0) {
                grow(length - from);
                continue;
            }
            byte[] last = pieces.get(pieces.size() - 1);
            int count = Math.min(room, length - from);
            part.getBytes(from, from + count, last, last.length - room);
            from += count;
            room -= count;
            kept += count;
        }
    }

    private void grow(int wanted) {
        int size = Math.min(limit - kept, Math.max(SMALLEST_PIECE, Math.min(LARGEST_PIECE, Math.max(wanted, kept))));
        if (size <= 0 || !memory.take(size)) {
            full = true;
            return;
        }
        pieces.add(new byte[size]);
        taken += size;
        room = size;
    }

    /** What is kept so far; may be read by another thread, also after this goes on or forgets. */
    Kept kept() {
        return new Kept(List.copyOf(pieces), kept, total);
    }

    /** Lets go of what was kept, and keeps nothing more. */
    public void forget() {
        memory.giveBack(taken);
        taken = 0;
        kept = 0;
        room = 0;
        full = true;
        pieces.clear();
    }
}
