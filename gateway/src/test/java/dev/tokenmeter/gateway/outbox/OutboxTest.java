package dev.tokenmeter.gateway.outbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.tokenmeter.gateway.RecordingSink;
import dev.tokenmeter.schemas.UsageEvent;
import dev.tokenmeter.service.SettingException;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class OutboxTest {
    @TempDir
    Path dir;

    private final RecordingSink sink = new RecordingSink();
    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();

    static UsageEvent event(UUID id) {
        return UsageEvent.newBuilder()
                .setEventId(id)
                .setOccurredAt(Instant.parse("2026-01-01T00:00:00Z"))
                .setGatewayId("g")
                .setTenant("t")
                .setApiKeyId("k")
                .setProvider("p")
                .setModel("m")
                .setOperation("chat")
                .build();
    }

    private static OutboxConfig config(Path dir, long maxBytes, OutboxConfig.WhenFull whenFull) {
        return config(dir, Duration.ofSeconds(30), maxBytes, 1 << 20, whenFull);
    }

    private static OutboxConfig config(
            Path dir, Duration writeTimeout, long maxBytes, long maxUnwritten, OutboxConfig.WhenFull whenFull) {
        return new OutboxConfig(
                dir,
                false,
                Duration.ofMillis(20),
                writeTimeout,
                maxBytes,
                maxUnwritten,
                whenFull,
                100,
                Duration.ofMillis(300),
                null,
                0);
    }

    private Outbox open(long maxBytes, OutboxConfig.WhenFull whenFull) {
        return new Outbox(config(dir, maxBytes, whenFull), () -> sink, Leftovers.UNREAD, meters, Clock.systemUTC());
    }

    private Outbox open() {
        return open(1 << 20, OutboxConfig.WhenFull.SERVE);
    }

    private List<UUID> append(Outbox outbox, int count) {
        List<UUID> ids = new ArrayList<>();
        List<CompletableFuture<Void>> written = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            ids.add(UUID.randomUUID());
            written.add(outbox.append(event(ids.get(i))).toCompletableFuture());
        }
        written.forEach(CompletableFuture::join);
        return ids;
    }

    private List<UUID> received() {
        return sink.events().stream().map(UsageEvent::getEventId).toList();
    }

    @Test
    void eventsGoOutInOrderAndLeaveNothingBehind() {
        try (Outbox outbox = open()) {
            List<UUID> ids = append(outbox, 1_000);
            await().until(() -> outbox.depth() == 0);
            assertThat(received()).isEqualTo(ids);
        }
        try (Outbox again = open()) {
            assertThat(again.depth()).isZero();
        }
    }

    @Test
    void whatCouldNotBeSentGoesOutAfterARestart() {
        sink.setAway(true);
        List<UUID> ids;
        try (Outbox outbox = open()) {
            ids = append(outbox, 700);
            assertThat(outbox.depth()).isEqualTo(700);
        }
        sink.setAway(false);
        try (Outbox again = open()) {
            await().until(() -> again.depth() == 0);
        }
        assertThat(received()).isEqualTo(ids);
    }

    @Test
    void anOutageOfTheSinkIsSurvivedWithoutARestart() {
        try (Outbox outbox = open()) {
            List<UUID> ids = append(outbox, 10);
            await().until(() -> outbox.depth() == 0);
            sink.setAway(true);
            ids.addAll(append(outbox, 300));
            await().until(() ->
                    meters.get("tokenmeter.gateway.outbox.oldest.age").gauge().value() > 0);
            sink.setAway(false);
            await().until(() -> outbox.depth() == 0);
            // What followed a refused event in its batch may have been taken; it goes out again, under its id.
            assertThat(new HashSet<>(received())).isEqualTo(new HashSet<>(ids));
        }
    }

    @Test
    void aFullOutboxServesOnAndCountsWhatItDrops() {
        sink.setAway(true);
        try (Outbox outbox = open(1_000, OutboxConfig.WhenFull.SERVE)) {
            int kept = 0;
            for (int i = 0; i < 50; i++) {
                kept += outbox.append(event(UUID.randomUUID()))
                        .handle((done, failure) -> failure == null ? 1 : 0)
                        .toCompletableFuture()
                        .join();
            }
            assertThat(kept).isBetween(1, 49);
            assertThat(outbox.depth()).isEqualTo(kept);
            assertThat(outbox.refuses()).isFalse();
            assertThat(meters.get("tokenmeter.gateway.outbox.dropped.events")
                            .counter()
                            .count())
                    .isEqualTo(50 - kept);
        }
    }

    @Test
    void aFullOutboxThatRefusesStillKeepsWhatWasUnderWay() {
        sink.setAway(true);
        try (Outbox outbox = open(1_000, OutboxConfig.WhenFull.REFUSE)) {
            append(outbox, 50);
            assertThat(outbox.refuses()).isTrue();
            assertThat(outbox.depth()).isEqualTo(50);
            sink.setAway(false);
            await().until(() -> !outbox.refuses());
        }
    }

    @Test
    void anEventThatIsTooMuchForTheSinkIsPutAsideAndTheOthersPass() {
        UUID bad = UUID.randomUUID();
        EventSink picky = event -> {
            if (event.getEventId().equals(bad)) {
                throw new EventSink.UndeliverableException(new IllegalArgumentException("too large"));
            }
            return sink.publish(event);
        };
        try (Outbox outbox = new Outbox(
                config(dir, 1 << 20, OutboxConfig.WhenFull.SERVE),
                () -> picky,
                Leftovers.UNREAD,
                meters,
                Clock.systemUTC())) {
            outbox.append(event(bad)).toCompletableFuture().join();
            List<UUID> ids = append(outbox, 5);
            await().until(() -> outbox.depth() == 0);
            assertThat(received()).isEqualTo(ids);
            assertThat(meters.get("tokenmeter.gateway.outbox.undeliverable.events")
                            .counter()
                            .count())
                    .isEqualTo(1);
        }
    }

    /** A disk that takes nothing until it is told to. */
    private static final class HangingDisk {
        private final CountDownLatch back = new CountDownLatch(1);

        OutboxWriter.Disk before(OutboxWriter.Disk disk) {
            return entries -> {
                try {
                    back.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
                disk.append(entries);
            };
        }
    }

    private Outbox open(HangingDisk disk, long maxUnwritten, OutboxConfig.WhenFull whenFull) {
        OutboxConfig config = config(dir, Duration.ofMillis(200), 1 << 20, maxUnwritten, whenFull);
        return new Outbox(config, () -> sink, Leftovers.UNREAD, meters, Clock.systemUTC(), disk::before);
    }

    private double count(String counter) {
        return meters.get("tokenmeter.gateway.outbox." + counter).counter().count();
    }

    @Test
    void answersGoOnWhileTheDiskHangsAndTheirEventsAreWrittenOnceItIsBack() {
        HangingDisk disk = new HangingDisk();
        try (Outbox outbox = open(disk, 1 << 20, OutboxConfig.WhenFull.SERVE)) {
            List<UUID> ids = append(outbox, 3);
            assertThat(outbox.diskFailed()).isTrue();
            assertThat(outbox.append(event(UUID.randomUUID())).toCompletableFuture())
                    .as("nobody else waits for the timeout")
                    .isCompleted();
            await().until(() -> count("overdue.events") == 4);
            assertThat(received()).isEmpty();

            disk.back.countDown();
            await().until(() -> outbox.depth() == 0);
            assertThat(received()).hasSize(4).startsWith(ids.toArray(UUID[]::new));
            assertThat(outbox.diskFailed()).isFalse();
            assertThat(count("dropped.events")).isZero();
        }
    }

    @Test
    void whatWaitsInMemoryForAHangingDiskIsBounded() {
        HangingDisk disk = new HangingDisk();
        try (Outbox outbox = open(disk, 500, OutboxConfig.WhenFull.SERVE)) {
            int kept = 0;
            for (int i = 0; i < 50; i++) {
                kept += outbox.append(event(UUID.randomUUID()))
                        .handle((done, failure) -> failure == null ? 1 : 0)
                        .toCompletableFuture()
                        .join();
            }
            assertThat(kept).isBetween(1, 49);
            assertThat(count("dropped.events")).isEqualTo(50 - kept);
            assertThat(meters.get("tokenmeter.gateway.outbox.unwritten").gauge().value())
                    .isBetween(500.0, 1000.0);
            disk.back.countDown();
            await().until(() -> outbox.depth() == 0);
            assertThat(received()).hasSize(kept);
        }
    }

    @Test
    void aHangingDiskRefusesNewCallsWhereTheOperatorChoseSo() {
        HangingDisk disk = new HangingDisk();
        try (Outbox outbox = open(disk, 1 << 20, OutboxConfig.WhenFull.REFUSE)) {
            append(outbox, 1);
            assertThat(outbox.refuses()).isTrue();
            disk.back.countDown();
            await().until(() -> !outbox.refuses());
        }
    }

    @Test
    void eventsThatTheSenderCannotKeepUpWithComeFromTheDiskInOrder() {
        CompletableFuture<Void> acknowledged = new CompletableFuture<>();
        EventSink slow = event -> {
            sink.publish(event);
            return acknowledged;
        };
        OutboxConfig config = config(dir, 1 << 20, OutboxConfig.WhenFull.SERVE);
        try (Outbox outbox = new Outbox(config, () -> slow, Leftovers.UNREAD, meters, Clock.systemUTC())) {
            List<UUID> ids = append(outbox, 1_000); // ten times what is sent and remembered
            acknowledged.complete(null);
            await().until(() -> outbox.depth() == 0);
            assertThat(received()).isEqualTo(ids);
        }
    }

    @Test
    void aFolderInUseIsNamed() {
        try (Outbox outbox = open()) {
            assertThat(outbox.depth()).isZero();
            assertThatThrownBy(this::open)
                    .isInstanceOf(SettingException.class)
                    .hasMessageContaining("gateway.outbox.dir");
        }
    }

    @Test
    @Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void everyEventThatWasAcknowledgedSurvivesKillMinusNine() throws Exception {
        Process child = child();
        List<UUID> acknowledged = new ArrayList<>();
        try (BufferedReader out = new BufferedReader(new InputStreamReader(child.getInputStream()))) {
            while (acknowledged.size() < 500) {
                String line = out.readLine();
                assertThat(line).as("the child's output").isNotNull();
                if (line.startsWith("ack ")) {
                    acknowledged.add(UUID.fromString(line.substring(4)));
                }
            }
        } finally {
            child.destroyForcibly().waitFor();
        }
        try (Outbox again = open()) {
            await().until(() -> again.depth() == 0);
        }
        assertThat(received()).containsAll(acknowledged);
    }

    private Process child() throws IOException {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Child.class.getName(),
                        dir.toString())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
    }

    @Test
    @Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void whatTheDiskDoesNotTakeIsToldAndWhatItTookSurvives() throws Exception {
        Process child = child();
        List<UUID> acknowledged = new ArrayList<>();
        int lost = 0;
        try (BufferedReader out = new BufferedReader(new InputStreamReader(child.getInputStream()))) {
            while (lost < 100) {
                String line = out.readLine();
                assertThat(line).as("the child's output").isNotNull();
                if (line.startsWith("ack ")) {
                    acknowledged.add(UUID.fromString(line.substring(4)));
                } else if (line.startsWith("lost ")) {
                    lost++;
                }
                if (acknowledged.size() == 500 && !limitFileSize(child)) {
                    return; // no prlimit on this machine
                }
            }
        } finally {
            child.destroyForcibly().waitFor();
        }
        try (Outbox again = open()) {
            await().until(() -> again.depth() == 0);
        }
        assertThat(received()).containsAll(acknowledged);
    }

    /** From now on its files take no more, as if the disk were full. */
    private static boolean limitFileSize(Process child) throws InterruptedException {
        try {
            return new ProcessBuilder("prlimit", "--pid", Long.toString(child.pid()), "--fsize=4096:unlimited")
                            .start()
                            .waitFor()
                    == 0;
        } catch (IOException e) {
            return false;
        }
    }

    /** Appends for ever, with no sink, and says what was acknowledged and what was lost. */
    static final class Child {
        public static void main(String[] args) {
            Outbox outbox = new Outbox(
                    config(Path.of(args[0]), 1 << 30, OutboxConfig.WhenFull.SERVE),
                    () -> {
                        throw new IllegalStateException("no sink");
                    },
                    Leftovers.UNREAD,
                    new SimpleMeterRegistry(),
                    Clock.systemUTC());
            while (true) {
                UUID id = UUID.randomUUID();
                String result = outbox.append(event(id))
                        .handle((kept, failure) -> failure == null ? "ack " : "lost ")
                        .toCompletableFuture()
                        .join();
                System.out.println(result + id);
            }
        }
    }
}
