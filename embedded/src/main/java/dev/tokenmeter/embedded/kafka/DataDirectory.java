package dev.tokenmeter.embedded.kafka;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.apache.kafka.metadata.storage.Formatter;
import org.apache.kafka.server.common.Feature;
import org.apache.kafka.server.common.MetadataVersion;

/**
 * The broker's directory: made and formatted once, then left as it is, so that a cluster keeps its identity; locked
 * until closed. Kafka has a lock of its own, but takes it only after a second controller has begun to write to the
 * metadata log of the first.
 */
final class DataDirectory implements AutoCloseable {
    private static final String FORMATTED = "meta.properties";
    private static final String LOCK = "tokenmeter.lock";

    private final Path path;
    private final FileChannel lock;

    private DataDirectory(Path path, FileChannel lock) {
        this.path = path;
        this.lock = lock;
    }

    /** @throws IllegalStateException saying what is wrong with the directory */
    static DataDirectory prepare(Path dir, ClusterMember member) {
        Path path = dir.toAbsolutePath().normalize();
        if (path.toString().contains(",")) {
            // Kafka reads log.dirs as a list.
            throw new IllegalStateException("Kafka data directory must have no comma in its path: " + path);
        }
        try {
            Files.createDirectories(path);
        } catch (IOException e) {
            throw new IllegalStateException("cannot create the Kafka data directory " + path, e);
        }
        if (!Files.isWritable(path)) {
            throw new IllegalStateException("cannot write to the Kafka data directory " + path);
        }
        DataDirectory directory = new DataDirectory(path, lock(path));
        try {
            directory.formatIfNew(member);
            return directory;
        } catch (RuntimeException e) {
            directory.close();
            throw e;
        }
    }

    private static FileChannel lock(Path path) {
        try {
            FileChannel channel =
                    FileChannel.open(path.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            if (locked(channel)) {
                return channel;
            }
            channel.close();
        } catch (IOException e) {
            throw new IllegalStateException("cannot lock the Kafka data directory " + path, e);
        }
        throw new IllegalStateException("another Kafka broker uses the data directory " + path);
    }

    private static boolean locked(FileChannel channel) throws IOException {
        try {
            return channel.tryLock() != null;
        } catch (OverlappingFileLockException heldInThisProcess) {
            return false;
        }
    }

    Path path() {
        return path;
    }

    /** Lets another broker have the directory. */
    @Override
    public void close() {
        try {
            lock.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void formatIfNew(ClusterMember member) {
        if (Files.exists(path.resolve(FORMATTED))) {
            return;
        }
        try {
            new Formatter()
                    .setPrintStream(new PrintStream(OutputStream.nullOutputStream()))
                    .setSupportedFeatures(Feature.PRODUCTION_FEATURES)
                    .setReleaseVersion(MetadataVersion.latestProduction())
                    .setNodeId(member.nodeId())
                    .setClusterId(member.clusterId())
                    .setDirectories(List.of(path.toString()))
                    .setMetadataLogDirectory(path.toString())
                    .setControllerListenerName(BrokerProperties.CONTROLLER_LISTENER)
                    .setHasDynamicQuorum(false)
                    .setIgnoreFormatted(true)
                    .run();
        } catch (Exception e) {
            throw new IllegalStateException("cannot format the Kafka data directory " + path, e);
        }
    }
}
