package dev.tokenmeter.gateway.outbox;

import dev.tokenmeter.schemas.UsageEvent;
import dev.tokenmeter.service.SettingException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import org.apache.avro.Schema;
import org.rocksdb.CompressionType;
import org.rocksdb.Options;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.Slice;
import org.rocksdb.WriteBatch;
import org.rocksdb.WriteOptions;

/**
 * The outbox on disk: events by sequence number, and the schemas that they were written with. Blocking; safe for one writer
 * and one reader.
 */
final class OutboxStore implements AutoCloseable {
    /**
     * An event's bytes under its sequence number.
     *
     * @param decoded the event itself; null when it was read from the disk
     */
    record Entry(long sequence, byte[] event, UsageEvent decoded) {}

    private static final byte EVENT = 'e';
    private static final byte SCHEMA = 's';
    private static final byte UNDELIVERABLE = 'u';

    private final Options options;
    private final RocksDB db;
    private final WriteOptions durable;
    private final WriteOptions lazy = new WriteOptions();

    private OutboxStore(Options options, RocksDB db, boolean sync) {
        this.options = options;
        this.db = db;
        this.durable = new WriteOptions().setSync(sync);
    }

    /**
     * Opens it, or makes a new one.
     *
     * @throws SettingException if the folder cannot be used, or another process uses it
     */
    static OutboxStore open(OutboxConfig config, EventCodec codec) {
        RocksDB.loadLibrary();
        Options options = new Options()
                .setCreateIfMissing(true)
                .setCompressionType(CompressionType.LZ4_COMPRESSION)
                .setWriteBufferSize(16 << 20)
                .setMaxTotalWalSize(64 << 20)
                .setKeepLogFileNum(2);
        try {
            Files.createDirectories(config.dir());
            OutboxStore store =
                    new OutboxStore(options, RocksDB.open(options, config.dir().toString()), config.sync());
            store.exchangeSchemas(codec);
            return store;
        } catch (IOException | RocksDBException e) {
            options.close();
            throw new SettingException(
                    "gateway.outbox.dir",
                    "cannot open " + config.dir().toAbsolutePath() + " (" + e.getMessage() + ")",
                    "a folder that can be written and that no other gateway uses");
        }
    }

    /** Makes sure that what was appended survives the machine's death as well. */
    void sync() throws RocksDBException {
        db.syncWal();
    }

    private void exchangeSchemas(EventCodec codec) throws RocksDBException {
        long fingerprint = EventCodec.fingerprint(EventCodec.schema());
        db.put(durable, key(SCHEMA, fingerprint), EventCodec.schema().toString().getBytes(StandardCharsets.UTF_8));
        try (ReadOptions range = new ReadOptions();
                RocksIterator iterator = db.newIterator(range)) {
            iterator.seek(new byte[] {SCHEMA});
            while (iterator.isValid() && iterator.key()[0] == SCHEMA) {
                codec.learn(new Schema.Parser().parse(new String(iterator.value(), StandardCharsets.UTF_8)));
                iterator.next();
            }
        }
    }

    /** Writes all of these or none; on return the operating system has them, and with {@code sync} the disk. */
    void append(List<Entry> entries) throws RocksDBException {
        try (WriteBatch batch = new WriteBatch()) {
            for (Entry entry : entries) {
                batch.put(key(EVENT, entry.sequence), entry.event);
            }
            db.write(durable, batch);
        }
    }

    /** The next events from a sequence number on, at most so many. */
    List<Entry> read(long from, int max) throws RocksDBException {
        List<Entry> entries = new ArrayList<>();
        scan(from, max, (sequence, event) -> entries.add(new Entry(sequence, event, null)));
        return entries;
    }

    /** Shows every event to a visitor, oldest first. */
    void scanAll(BiConsumer<Long, byte[]> visitor) throws RocksDBException {
        scan(0, Integer.MAX_VALUE, visitor);
    }

    private void scan(long from, int max, BiConsumer<Long, byte[]> visitor) throws RocksDBException {
        try (Slice end = new Slice(new byte[] {EVENT + 1});
                ReadOptions range = new ReadOptions().setIterateUpperBound(end);
                RocksIterator iterator = db.newIterator(range)) {
            iterator.seek(key(EVENT, from));
            for (int i = 0; i < max && iterator.isValid(); i++) {
                visitor.accept(ByteBuffer.wrap(iterator.key(), 1, Long.BYTES).getLong(), iterator.value());
                iterator.next();
            }
            iterator.status();
        }
    }

    /**
     * Forgets events. A crash may bring them back, so they may be sent again; readers tell them by their id.
     *
     * @param to exclusive
     */
    void deleteRange(long from, long to) throws RocksDBException {
        db.deleteRange(lazy, key(EVENT, from), key(EVENT, to));
    }

    /** Puts an event aside that its receiver will never take; it stays on disk for an operator. */
    void setAside(Entry entry) throws RocksDBException {
        db.put(durable, key(UNDELIVERABLE, entry.sequence), entry.event);
    }

    private static byte[] key(byte kind, long number) {
        return ByteBuffer.allocate(1 + Long.BYTES).put(kind).putLong(number).array();
    }

    @Override
    public void close() {
        durable.close();
        lazy.close();
        db.close();
        options.close();
    }
}
