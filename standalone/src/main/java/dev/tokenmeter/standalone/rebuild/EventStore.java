package dev.tokenmeter.standalone.rebuild;

import dev.tokenmeter.schemas.UsageEvent;
import dev.tokenmeter.storage.query.TimeRange;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.apache.kafka.common.utils.Utils;
import org.rocksdb.Options;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;

/** Events on disk, in a folder for the time being, by day, tenant and id: of each the last revision, of copies the first. */
final class EventStore implements AutoCloseable {
    private final Path folder;
    private final Options options;
    private final RocksDB db;

    EventStore() {
        RocksDB.loadLibrary();
        options = new Options().setCreateIfMissing(true);
        try {
            folder = Files.createTempDirectory("tokenmeter-rebuild");
            db = RocksDB.open(options, folder.toString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (RocksDBException e) {
            throw failed(e);
        }
    }

    /** @param bytes as the log has it */
    void put(UsageEvent event, byte[] bytes) {
        byte[] tenant = prefix(day(event.getOccurredAt()), event.getTenant());
        byte[] key = ByteBuffer.allocate(tenant.length + 2 * Long.BYTES)
                .put(tenant)
                .putLong(event.getEventId().getMostSignificantBits())
                .putLong(event.getEventId().getLeastSignificantBits())
                .array();
        try {
            byte[] known = db.get(key);
            if (known == null || ByteBuffer.wrap(known).getInt() < event.getRevision()) {
                db.put(
                        key,
                        ByteBuffer.allocate(Integer.BYTES + bytes.length)
                                .putInt(event.getRevision())
                                .put(bytes)
                                .array());
            }
        } catch (RocksDBException e) {
            throw failed(e);
        }
    }

    Set<String> tenants(TimeRange range) {
        Set<String> tenants = new TreeSet<>();
        try (RocksIterator events = db.newIterator()) {
            for (long day = day(range.from()); day <= lastDay(range); day++) {
                byte[] start = ByteBuffer.allocate(Long.BYTES).putLong(day).array();
                events.seek(start);
                while (events.isValid() && startsWith(events.key(), start)) {
                    String tenant = tenant(events.key());
                    tenants.add(tenant);
                    byte[] next = prefix(day, tenant);
                    next[next.length - 1]++; // past the zero that ends the tenant's name
                    events.seek(next);
                }
            }
        }
        return tenants;
    }

    /** Shows the bytes of each of a tenant's events, whole days. */
    void forEach(TimeRange range, String tenant, Consumer<byte[]> reader) {
        try (RocksIterator events = db.newIterator()) {
            for (long day = day(range.from()); day <= lastDay(range); day++) {
                byte[] prefix = prefix(day, tenant);
                for (events.seek(prefix); events.isValid() && startsWith(events.key(), prefix); events.next()) {
                    byte[] value = events.value();
                    reader.accept(Arrays.copyOfRange(value, Integer.BYTES, value.length));
                }
            }
        }
    }

    private static long day(Instant at) {
        return at.atZone(ZoneOffset.UTC).toLocalDate().toEpochDay();
    }

    private static long lastDay(TimeRange range) {
        return day(range.until().minusNanos(1));
    }

    private static byte[] prefix(long day, String tenant) {
        byte[] name = tenant.getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(Long.BYTES + name.length + 1)
                .putLong(day)
                .put(name)
                .put((byte) 0)
                .array();
    }

    private static String tenant(byte[] key) {
        int end = Long.BYTES;
        while (key[end] != 0) {
            end++;
        }
        return new String(key, Long.BYTES, end - Long.BYTES, StandardCharsets.UTF_8);
    }

    private static boolean startsWith(byte[] key, byte[] prefix) {
        return key.length >= prefix.length && Arrays.equals(key, 0, prefix.length, prefix, 0, prefix.length);
    }

    private static IllegalStateException failed(RocksDBException e) {
        return new IllegalStateException("the temporary store of events failed: " + e.getMessage(), e);
    }

    @Override
    public void close() {
        db.close();
        options.close();
        try {
            Utils.delete(folder.toFile());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
