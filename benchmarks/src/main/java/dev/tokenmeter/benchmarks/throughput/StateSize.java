package dev.tokenmeter.benchmarks.throughput;

import dev.tokenmeter.benchmarks.run.Table;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.rocksdb.ColumnFamilyDescriptor;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.DBOptions;
import org.rocksdb.Options;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;

/** The state of a topology that has stopped: keys and bytes of each store, in RocksDB's files and in its changelog topic. */
final class StateSize {
    private static final String CHANGELOG = "-changelog";
    private static final String OFFSETS = "offsets";

    private final Map<String, long[]> stores = new TreeMap<>();

    /**
     * @param folder its state directory
     * @param admin asks for the sizes of changelogs, with what compaction has not removed yet
     */
    static StateSize of(Path folder, String applicationId, Admin admin) throws InterruptedException {
        StateSize size = new StateSize();
        try (Stream<Path> tasks = Files.list(folder.resolve(applicationId))) {
            for (Path task : tasks.filter(path -> Files.isDirectory(path.resolve("rocksdb")))
                    .toList()) {
                try (Stream<Path> stores = Files.list(task.resolve("rocksdb"))) {
                    stores.forEach(size::addFiles);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        size.addChangelogs(applicationId + "-", admin);
        return size;
    }

    private long[] store(String name) {
        return stores.computeIfAbsent(name, absent -> new long[3]);
    }

    private void addFiles(Path folder) {
        long[] store = store(folder.getFileName().toString());
        try (Stream<Path> files = Files.walk(folder)) {
            store[0] += keys(folder);
            store[1] += files.filter(Files::isRegularFile)
                    .filter(file -> file.toString().endsWith(".sst"))
                    .mapToLong(file -> file.toFile().length())
                    .sum();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (RocksDBException e) {
            throw new IllegalStateException(e);
        }
    }

    private static long keys(Path folder) throws RocksDBException {
        List<ColumnFamilyDescriptor> families = new ArrayList<>();
        try (Options options = new Options();
                DBOptions dbOptions = new DBOptions()) {
            for (byte[] name : RocksDB.listColumnFamilies(options, folder.toString())) {
                families.add(new ColumnFamilyDescriptor(name));
            }
            List<ColumnFamilyHandle> handles = new ArrayList<>();
            long keys = 0;
            try (RocksDB db = RocksDB.openReadOnly(dbOptions, folder.toString(), families, handles)) {
                for (int i = 0; i < handles.size(); i++) {
                    // Streams keeps how far the changelog is read in a family of its own.
                    if (!new String(families.get(i).getName(), StandardCharsets.UTF_8).equals(OFFSETS)) {
                        keys += keys(db, handles.get(i));
                    }
                    handles.get(i).close();
                }
            }
            return keys;
        }
    }

    private static long keys(RocksDB db, ColumnFamilyHandle handle) {
        long keys = 0;
        try (RocksIterator all = db.newIterator(handle)) {
            for (all.seekToFirst(); all.isValid(); all.next()) {
                keys++;
            }
        }
        return keys;
    }

    private void addChangelogs(String prefix, Admin admin) throws InterruptedException {
        try {
            var brokers = admin.describeCluster().nodes().get().stream()
                    .map(node -> node.id())
                    .toList();
            admin.describeLogDirs(brokers).allDescriptions().get().values().stream()
                    .flatMap(folders -> folders.values().stream())
                    .flatMap(folder -> folder.replicaInfos().entrySet().stream())
                    .filter(one -> one.getKey().topic().startsWith(prefix)
                            && one.getKey().topic().endsWith(CHANGELOG))
                    .forEach(one -> {
                        String topic = one.getKey().topic();
                        store(topic.substring(prefix.length(), topic.length() - CHANGELOG.length()))[2] +=
                                one.getValue().size();
                    });
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        }
    }

    /** A row for each store that holds something, and one for all. */
    Table table() {
        Table table = new Table("store", "keys", "RocksDB, MB", "bytes a key", "changelog, MB", "bytes a key");
        long[] all = new long[3];
        stores.forEach((name, size) -> {
            for (int i = 0; i < size.length; i++) {
                all[i] += size[i];
            }
            if (size[0] > 0) {
                row(table, name, size);
            }
        });
        row(table, "all", all);
        return table;
    }

    private static void row(Table table, String name, long... size) {
        table.row(
                name,
                String.format(Locale.ROOT, "%,d", size[0]),
                String.format(Locale.ROOT, "%.1f", size[1] / 1e6),
                Long.toString(size[1] / Math.max(1, size[0])),
                String.format(Locale.ROOT, "%.1f", size[2] / 1e6),
                Long.toString(size[2] / Math.max(1, size[0])));
    }
}
