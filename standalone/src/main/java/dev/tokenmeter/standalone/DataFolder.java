package dev.tokenmeter.standalone;

import dev.tokenmeter.service.SettingException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** The folder that holds everything that outlives a run, locked while a process uses it. */
final class DataFolder implements AutoCloseable {
    private static final String LOCK = "tokenmeter.lock";

    private final Path path;
    private final FileChannel channel;

    private DataFolder(Path path, FileChannel channel) {
        this.path = path;
        this.channel = channel;
    }

    /**
     * Creates the folder if need be and locks it. The lock goes with the process, however that ends.
     *
     * @throws SettingException if it cannot be written, or another process holds it
     */
    static DataFolder lock(Path path, Ports ports) {
        FileChannel channel = open(path);
        try {
            FileLock lock = channel.tryLock();
            if (lock == null) {
                throw inUse(path, channel);
            }
            channel.truncate(0);
            String owner = ProcessHandle.current().pid() + " " + ports.offset();
            channel.write(ByteBuffer.wrap(owner.getBytes(StandardCharsets.UTF_8)));
            return new DataFolder(path.toAbsolutePath().normalize(), channel);
        } catch (OverlappingFileLockException e) {
            throw inUse(path, channel);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static FileChannel open(Path path) {
        try {
            Files.createDirectories(path);
            return FileChannel.open(
                    path.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
        } catch (IOException e) {
            throw new SettingException(
                    "--data", path.toAbsolutePath() + " cannot be written", "a folder that this user can write to");
        }
    }

    private static SettingException inUse(Path path, FileChannel channel) {
        Owner owner = owner(path);
        try {
            channel.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        String by = owner == null ? "" : " (process " + owner.pid() + ")";
        return new SettingException(
                "--data",
                path.toAbsolutePath().normalize() + " is used by a Tokenmeter that runs already" + by,
                "stop that one, or give another folder and --port-offset");
    }

    /** Who holds the folder, as far as its lock file says; null when nobody ever did. */
    static Owner owner(Path path) {
        Path lock = path.resolve(LOCK);
        if (!Files.isReadable(lock)) {
            return null;
        }
        try (RandomAccessFile file = new RandomAccessFile(lock.toFile(), "r")) {
            String line = file.readLine();
            String[] parts = line == null ? new String[0] : line.split(" ");
            return parts.length == 2 ? new Owner(Long.parseLong(parts[0]), Integer.parseInt(parts[1])) : null;
        } catch (IOException | NumberFormatException e) {
            return null;
        }
    }

    /**
     * The process that last took the folder.
     *
     * @param portOffset what it was started with
     */
    record Owner(long pid, int portOffset) {
        boolean isAlive() {
            return ProcessHandle.of(pid).map(ProcessHandle::isAlive).orElse(false);
        }
    }

    Path resolve(String name) {
        return path.resolve(name);
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
