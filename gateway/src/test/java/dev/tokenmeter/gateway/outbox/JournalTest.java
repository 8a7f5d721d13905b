package dev.tokenmeter.gateway.outbox;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JournalTest {
    private static final int CAPACITY = 1_000;

    private record Kept(byte[] event, long end) {}

    /** A number from 1 on appends an event of that length, 0 releases the oldest. */
    @Property(tries = 200)
    void whatWasNotReleasedIsReadBackInOrderWhateverWasAppendedAndReleasedBefore(
            @ForAll @Size(max = 60) List<@IntRange(max = 300) Integer> steps) throws IOException {
        Path file = Files.createTempDirectory("journal").resolve("a.journal");
        try {
            Journal journal = Journal.create(file, CAPACITY);
            Deque<Kept> kept = new ArrayDeque<>();
            for (int i = 0; i < steps.size(); i++) {
                int length = steps.get(i);
                byte[] event = new byte[length];
                java.util.Arrays.fill(event, (byte) (i + 1));
                if (length == 0 && !kept.isEmpty()) {
                    journal.release(kept.poll().end());
                } else if (length > 0 && journal.append(event)) {
                    kept.add(new Kept(event, journal.end()));
                }
                assertThat(Journal.read(file))
                        .usingElementComparator(java.util.Arrays::compare)
                        .containsExactlyElementsOf(
                                kept.stream().map(Kept::event).toList());
            }
        } finally {
            Files.delete(file);
            Files.delete(file.getParent());
        }
    }

    @TempDir
    Path dir;

    @Test
    void aFullOneTakesNothingUntilThereIsRoomAgain() throws IOException {
        Journal journal = Journal.create(dir.resolve("a"), CAPACITY);
        List<Long> ends = new ArrayList<>();
        while (journal.append(new byte[200])) {
            ends.add(journal.end());
        }
        assertThat(ends).hasSize(4);
        assertThat(journal.append(new byte[CAPACITY])).isFalse();
        journal.release(ends.get(0));
        assertThat(journal.append(new byte[200])).isTrue();
        assertThat(Journal.read(dir.resolve("a"))).hasSize(4);
    }

    @Test
    void whatADyingProcessLeftHalfWrittenIsNoEvent() throws IOException {
        Path file = dir.resolve("a");
        Journal journal = Journal.create(file, CAPACITY);
        journal.append("whole".getBytes(java.nio.charset.StandardCharsets.UTF_8));
        long second = journal.end();
        journal.append("half written".getBytes(java.nio.charset.StandardCharsets.UTF_8));
        try (RandomAccessFile bytes = new RandomAccessFile(file.toFile(), "rw")) {
            bytes.seek(64 + second + 16 + 5);
            bytes.write(new byte[7]);
        }
        assertThat(Journal.read(file)).hasSize(1);
    }

    @Test
    void aFileThatWasHardlyBegunHoldsNothing() throws IOException {
        Path file = Files.write(dir.resolve("a"), new byte[8]);
        assertThat(Journal.read(file)).isEmpty();
    }
}
