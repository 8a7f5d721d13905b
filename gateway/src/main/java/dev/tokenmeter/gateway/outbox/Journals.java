package dev.tokenmeter.gateway.outbox;

import dev.tokenmeter.service.SettingException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The {@link Journal}s of a process, one for each event loop, in the folder that the operator named; or none, where none was
 * named. Blocking, but for {@link #isOn}.
 */
final class Journals implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Journals.class);
    private static final String SETTING = "gateway.outbox.memory-dir";
    private static final String ALLOWED =
            "a folder on a memory file system (tmpfs) that can be written, has room, and that no other gateway uses";
    /** File systems that have no disk behind them. */
    private static final Set<String> IN_MEMORY = Set.of("tmpfs", "ramfs");

    private static final String SUFFIX = ".journal";

    private final Path dir;
    private final int capacity;
    private final FileChannel lock;
    private final List<Path> left;
    private final List<Path> made = new ArrayList<>();

    private Journals(Path dir, int capacity, FileChannel lock, List<Path> left) {
        this.dir = dir;
        this.capacity = capacity;
        this.lock = lock;
        this.left = left;
    }

    /** @throws SettingException if the folder cannot be used */
    static Journals open(OutboxConfig config) {
        Path dir = config.memoryDir();
        if (dir == null) {
            return new Journals(null, 0, null, List.of());
        }
        FileChannel lock = null;
        try {
            Files.createDirectories(dir);
            String type = Files.getFileStore(dir).type();
            if (!IN_MEMORY.contains(type)) {
                throw new SettingException(SETTING, dir.toAbsolutePath() + " is on " + type, ALLOWED);
            }
            lock = FileChannel.open(dir.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            if (!isFree(lock)) {
                lock.close();
                throw new SettingException(SETTING, dir.toAbsolutePath() + " is in use", ALLOWED);
            }
            try (Stream<Path> files = Files.list(dir)) {
                List<Path> left = files.filter(file -> file.toString().endsWith(SUFFIX))
                        .sorted()
                        .toList();
                return new Journals(dir, config.memoryBytes(), lock, left);
            }
        } catch (IOException e) {
            throw unusable(dir, e);
        }
    }

    private static boolean isFree(FileChannel file) throws IOException {
        try {
            FileLock lock = file.tryLock();
            return lock != null;
        } catch (OverlappingFileLockException e) {
            return false;
        }
    }

    private static SettingException unusable(Path dir, IOException e) {
        return new SettingException(SETTING, "cannot use " + dir.toAbsolutePath() + " (" + e + ")", ALLOWED);
    }

    boolean isOn() {
        return dir != null;
    }

    /** Events that a process before this one left, oldest first by event loop; to be {@link #forgetLeft forgotten} once safe. */
    List<byte[]> readLeft() {
        List<byte[]> events = new ArrayList<>();
        for (Path file : left) {
            try {
                events.addAll(Journal.read(file));
            } catch (IOException e) {
                throw unusable(dir, e);
            }
        }
        return events;
    }

    void forgetLeft() {
        left.forEach(Journals::delete);
    }

    /** Another one. */
    synchronized Journal create() {
        Path file = dir.resolve("loop-" + made.size() + SUFFIX);
        made.add(file);
        try {
            return Journal.create(file, capacity);
        } catch (IOException e) {
            throw unusable(dir, e);
        }
    }

    /** @param safe whether all that is in them is safe elsewhere; what is not stays for the next start */
    synchronized void close(boolean safe) {
        if (safe) {
            made.forEach(Journals::delete);
        }
        close();
    }

    private static void delete(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            LOG.warn("{} cannot be deleted; its events will go out again: {}", file, e.toString());
        }
    }

    @Override
    public void close() {
        if (lock != null) {
            try {
                lock.close();
            } catch (IOException e) {
                LOG.warn("the lock in {} cannot be given back: {}", dir, e.toString());
            }
        }
    }
}
