package dev.tokenmeter.gateway.outbox;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class FreshEventsTest {
    private final FreshEvents fresh = new FreshEvents(3);

    private static List<OutboxStore.Entry> events(long... sequences) {
        return LongStream.of(sequences)
                .mapToObj(sequence -> new OutboxStore.Entry(sequence, new byte[0], null))
                .toList();
    }

    private List<Long> take(long first, int count) {
        return fresh.take(first, count).stream()
                .map(OutboxStore.Entry::sequence)
                .toList();
    }

    @Test
    void whatHasJustBeenWrittenNeedNotBeReadBack() {
        fresh.add(events(1, 2, 3));
        assertThat(take(1, 2)).containsExactly(1L, 2L);
        assertThat(take(3, 2)).containsExactly(3L);
    }

    @Test
    void whatFoundNoRoomIsNeverSkipped() {
        fresh.add(events(1, 2, 3, 4));
        assertThat(take(1, 1)).containsExactly(1L);
        fresh.add(events(5));
        assertThat(take(2, 9)).as("4 is on the disk only").containsExactly(2L, 3L);
        assertThat(take(4, 9)).isEmpty();
        assertThat(take(5, 9)).containsExactly(5L);
    }

    @Test
    void afterAFailureTheOldestComeFromTheDiskAgain() {
        fresh.add(events(1, 2, 3));
        fresh.take(1, 2);
        assertThat(take(1, 9)).isEmpty();
    }
}
