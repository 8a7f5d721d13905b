package dev.tokenmeter.gateway.outbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tokenmeter.gateway.RecordingSink;
import dev.tokenmeter.schemas.UsageEvent;
import dev.tokenmeter.service.SettingException;
import dev.tokenmeter.service.Settings;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Events that are safe in memory before the disk has them. */
class OutboxMemoryTest {
    private static final Path TMPFS = Path.of("/dev/shm");
    private static final int ROOM = 1 << 16;

    @TempDir
    Path dir;

    private Path memory;
    private Vertx vertx;
    private final RecordingSink sink = new RecordingSink();

    @BeforeEach
    void makeMemory() throws IOException {
        assumeTrue(isMemory(), "a memory file system");
        memory = Files.createTempDirectory(TMPFS, "tokenmeter-outbox");
        vertx = Vertx.vertx();
    }

    private static boolean isMemory() throws IOException {
        return Files.isWritable(TMPFS) && Files.getFileStore(TMPFS).type().equals("tmpfs");
    }

    @AfterEach
    void clear() throws IOException {
        if (memory != null) {
            vertx.close().toCompletionStage().toCompletableFuture().join();
            try (Stream<Path> files = Files.list(memory)) {
                for (Path file : files.toList()) {
                    Files.delete(file);
                }
            }
            Files.delete(memory);
        }
    }

    private static OutboxConfig config(Path dir, Path memory, Duration writeTimeout) {
        return new OutboxConfig(
                dir,
                false,
                Duration.ofMillis(20),
                writeTimeout,
                1 << 30,
                1 << 30,
                OutboxConfig.WhenFull.SERVE,
                100,
                Duration.ofMillis(300),
                memory,
                ROOM);
    }

    private Outbox open(UnaryOperator<OutboxWriter.Disk> disk) {
        return new Outbox(
                config(dir, memory, Duration.ofSeconds(30)),
                () -> sink,
                Leftovers.UNREAD,
                new SimpleMeterRegistry(),
                Clock.systemUTC(),
                disk);
    }

    private static UnaryOperator<OutboxWriter.Disk> hanging(CountDownLatch back) {
        return disk -> entries -> {
            try {
                back.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            disk.append(entries);
        };
    }

    private List<UUID> received() {
        return sink.events().stream().map(UsageEvent::getEventId).toList();
    }

    @Test
    void answersEndWithoutTheDiskUntilTheMemoryIsFullAndEveryEventGoesOut() {
        CountDownLatch back = new CountDownLatch(1);
        List<UUID> ids = new CopyOnWriteArrayList<>();
        List<UUID> ended = new CopyOnWriteArrayList<>();
        Context loop = vertx.getOrCreateContext();
        try (Outbox outbox = open(hanging(back))) {
            OutboxLane lane = new OutboxLane(outbox, loop);
            CountDownLatch appended = new CountDownLatch(1);
            loop.runOnContext(turn -> {
                for (int i = 0; i < 2_000; i++) {
                    UUID id = UUID.randomUUID();
                    ids.add(id);
                    lane.append(OutboxTest.event(id)).onSuccess(safe -> ended.add(id));
                }
                assertThat(ended).as("at once").hasSizeBetween(100, 1_999).isEqualTo(ids.subList(0, ended.size()));
                appended.countDown();
            });
            await().until(() -> appended.getCount() == 0);
            assertThat(ended).as("the rest waits for the disk").hasSizeLessThan(2_000);
            back.countDown();
            await().until(() -> ended.size() == 2_000 && outbox.depth() == 0);
            assertThat(received()).isEqualTo(ids);
            loop.runOnContext(turn -> lane.append(OutboxTest.event(UUID.randomUUID())));
            await().until(() -> received().size() == 2_001);
        }
        assertThat(memory).as("after a stop").isDirectoryNotContaining("glob:**.journal");
    }

    @Test
    @Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void everyEventWhoseAnswerEndedSurvivesKillMinusNineThoughNoDiskEverTookIt() throws Exception {
        Process child = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Child.class.getName(),
                        dir.toString(),
                        memory.toString())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        List<UUID> acknowledged = new ArrayList<>();
        try (BufferedReader out = new BufferedReader(new InputStreamReader(child.getInputStream()))) {
            while (acknowledged.size() < 100) {
                String line = out.readLine();
                assertThat(line).as("the child's output").isNotNull();
                if (line.startsWith("ack ")) {
                    acknowledged.add(UUID.fromString(line.substring(4)));
                }
            }
        } finally {
            child.destroyForcibly().waitFor();
        }
        try (Outbox again = open(disk -> disk)) {
            assertThat(again.hadLeftovers()).isTrue();
            await().until(() -> again.depth() == 0);
        }
        assertThat(received()).containsSubsequence(acknowledged).doesNotHaveDuplicates();
        try (Outbox third = open(disk -> disk)) {
            assertThat(third.hadLeftovers())
                    .as("once it is on the disk it is in memory no more")
                    .isFalse();
        }
    }

    /** Its disk takes nothing, ever. */
    static final class Child {
        public static void main(String[] args) {
            Outbox outbox = new Outbox(
                    config(Path.of(args[0]), Path.of(args[1]), Duration.ofHours(1)),
                    () -> {
                        throw new IllegalStateException("no sink");
                    },
                    Leftovers.UNREAD,
                    new SimpleMeterRegistry(),
                    Clock.systemUTC(),
                    hanging(new CountDownLatch(1)));
            Context loop = Vertx.vertx().getOrCreateContext();
            OutboxLane lane = new OutboxLane(outbox, loop);
            loop.runOnContext(turn -> {
                while (true) {
                    UUID id = UUID.randomUUID();
                    lane.append(OutboxTest.event(id)).onSuccess(safe -> System.out.println("ack " + id));
                }
            });
        }
    }

    @Test
    void aFolderOnADiskOrInUseIsRefused() {
        OutboxConfig config = config(dir, Path.of("/proc"), Duration.ofSeconds(1));
        assertThatThrownBy(() -> Journals.open(config))
                .isInstanceOf(SettingException.class)
                .hasMessageContaining("gateway.outbox.memory-dir")
                .hasMessageContaining("/proc is on proc");
        try (Outbox outbox = open(disk -> disk)) {
            assertThat(outbox.depth()).isZero();
            OutboxConfig same = config(dir.resolve("other"), memory, Duration.ofSeconds(1));
            assertThatThrownBy(() -> Journals.open(same))
                    .isInstanceOf(SettingException.class)
                    .hasMessageContaining("is in use");
        }
    }

    @Test
    void memoryIsNoPlaceForEventsThatMustSurviveAPowerCut() {
        Settings settings =
                Settings.of(Map.of("gateway.outbox.memory-dir", memory.toString(), "gateway.outbox.sync", "true"));
        assertThatThrownBy(() -> OutboxConfig.from(settings))
                .isInstanceOf(SettingException.class)
                .hasMessageContaining("gateway.outbox.memory-dir");
    }
}
