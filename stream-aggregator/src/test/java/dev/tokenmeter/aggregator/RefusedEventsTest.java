package dev.tokenmeter.aggregator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tokenmeter.schemas.Granularity;
import dev.tokenmeter.schemas.UsageEvent;
import dev.tokenmeter.schemas.serde.SingleObjectSerde;
import dev.tokenmeter.service.deadletter.DeadLetter;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.streams.test.TestRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class RefusedEventsTest {
    private static final Instant NOW = Instant.parse("2026-11-23T12:00:00Z");
    private static final byte[] KEY = "key_acme".getBytes(StandardCharsets.UTF_8);

    private final AggregatorDriver aggregator = new AggregatorDriver(NOW);

    @AfterEach
    void close() {
        aggregator.close();
    }

    @Test
    void poisonGoesToTheDeadLetterTopicByteForByteAndTheStreamGoesOn() {
        aggregator.sendBytes(KEY, new byte[] {1, 2, 3});
        aggregator.send(Events.event("acme", NOW, "1").build());

        assertThat(aggregator.lastRollups()).hasSize(4);
        List<TestRecord<String, byte[]>> letters = aggregator.newDeadLetters();
        assertThat(letters).hasSize(1);
        TestRecord<String, byte[]> letter = letters.get(0);
        assertThat(letter.key()).isEqualTo("llm.usage.v1|0|0");
        assertThat(letter.value()).containsExactly(1, 2, 3);
        assertThat(AggregatorDriver.header(letter, DeadLetter.REASON)).isEqualTo("poison");
        assertThat(AggregatorDriver.header(letter, DeadLetter.MESSAGE)).contains("bad Avro");
        assertThat(AggregatorDriver.header(letter, DeadLetter.SOURCE_TOPIC)).isEqualTo("llm.usage.v1");
        assertThat(AggregatorDriver.header(letter, DeadLetter.SOURCE_PARTITION)).isEqualTo("0");
        assertThat(AggregatorDriver.header(letter, DeadLetter.SOURCE_OFFSET)).isEqualTo("0");
        assertThat(letter.headers().lastHeader(DeadLetter.SOURCE_KEY).value()).isEqualTo(KEY);
        assertThat(refused("poison")).isEqualTo(1);
    }

    @Test
    void anOutageOfTheRegistryIsNotTakenForPoison() {
        assertThatThrownBy(() -> aggregator.sendBytes(KEY, SingleObjectSerde.outage()))
                .hasRootCauseInstanceOf(TimeoutException.class);
        assertThat(aggregator.newDeadLetters()).isEmpty();
    }

    @Test
    void aRecordWithoutValueIsRefused() {
        aggregator.sendBytes(null, null);

        TestRecord<String, byte[]> letter = aggregator.newDeadLetters().get(0);
        assertThat(letter.value()).isNull();
        assertThat(AggregatorDriver.header(letter, DeadLetter.REASON)).isEqualTo("invalid");
    }

    @Test
    void anEventOlderThanLateAfterIsRefusedAndOneJustYoungerCounts() {
        aggregator.send(Events.event("acme", NOW, "1").build());
        Instant edge = NOW.minus(Duration.ofDays(35));
        aggregator.send(Events.event("acme", edge, "2").build());
        aggregator.newRollups();
        UsageEvent late = Events.event("acme", edge.minusMillis(1), "4").build();
        aggregator.send(late);

        assertThat(aggregator.newRollups()).isEmpty();
        List<TestRecord<String, byte[]>> letters = aggregator.newDeadLetters();
        assertThat(letters).hasSize(1);
        assertThat(AggregatorDriver.header(letters.get(0), DeadLetter.REASON)).isEqualTo("late");
        assertThat(letters.get(0).getRecordTime())
                .as("kept for as long as if it were new")
                .isBetween(NOW, aggregator.now());
        assertThat(refused("late")).isEqualTo(1);
    }

    @Test
    void aLateEventCountsByTheOperatorsWordAndOnlyOnce() {
        aggregator.send(Events.event("acme", NOW, "1").build());
        UsageEvent late = Events.event("acme", NOW.minus(Duration.ofDays(35).plusHours(12)), "4")
                .build();
        aggregator.send(late);
        aggregator.newRollups();
        assertThat(aggregator.newDeadLetters()).hasSize(1);

        aggregator.sendAgain(late, "late");
        aggregator.sendAgain(late, "late");

        assertThat(aggregator
                        .last(aggregator.lastRollups(), "tenant", Granularity.day)
                        .getRequests())
                .isEqualTo(1);
        assertThat(aggregator.newDeadLetters()).isEmpty();
    }

    @Test
    void whoseIdMayBeForgottenIsLateWhateverTheOperatorSays() {
        UsageEvent counted = Events.event("acme", NOW, "1").build();
        aggregator.send(counted);
        aggregator.newRollups();
        for (int day = 0; day < 37; day++) {
            aggregator.advance(Duration.ofDays(1));
            aggregator.send(Events.event("acme", aggregator.now(), "1").build());
        }
        aggregator.newRollups();

        aggregator.sendAgain(counted, "late");

        assertThat(aggregator.newRollups()).isEmpty();
        TestRecord<String, byte[]> letter = aggregator.newDeadLetters().get(0);
        assertThat(AggregatorDriver.header(letter, DeadLetter.REASON)).isEqualTo("late");
        assertThat(AggregatorDriver.header(letter, DeadLetter.MESSAGE)).contains("dedupe-horizon", "rebuild");
    }

    @Test
    void anEventFromABrokenClockCountsButMakesNoOtherEventLate() {
        aggregator.send(
                Events.event("acme", NOW.plus(Duration.ofDays(400)), "1").build());
        aggregator.newRollups();
        aggregator.send(
                Events.event("acme", NOW.minus(Duration.ofDays(34)), "2").build());

        assertThat(aggregator.lastRollups()).hasSize(4);
        assertThat(aggregator.newDeadLetters()).isEmpty();
    }

    @Test
    void aRepeatedEventFromABrokenClockCountsOnce() {
        UsageEvent event =
                Events.event("acme", NOW.plus(Duration.ofDays(400)), "1").build();
        aggregator.send(event);
        aggregator.newRollups();
        for (int day = 0; day < 60; day++) {
            aggregator.send(Events.event("other", aggregator.now(), "1").build());
            aggregator.advance(Duration.ofDays(1));
        }
        aggregator.newRollups();
        aggregator.send(event);

        assertThat(aggregator.newRollups()).isEmpty();
    }

    @Test
    void whatIsDerivedFromAFutureEventCarriesNoFutureTimestamp() {
        aggregator.send(
                Events.event("acme", NOW.plus(Duration.ofDays(400)), "1").build());

        assertThat(aggregator.newRollups())
                .isNotEmpty()
                .allSatisfy(record -> assertThat(record.getRecordTime()).isBetween(NOW, aggregator.now()));
    }

    @Test
    void poisonDoesNotMoveEventTime() {
        aggregator.advance(Duration.ofDays(100));
        aggregator.sendBytes(KEY, new byte[] {1});
        aggregator.newDeadLetters();
        aggregator.send(Events.event("acme", NOW, "1").build());

        assertThat(aggregator.newDeadLetters()).isEmpty();
    }

    @Test
    void figuresThatWouldOverflowASumAreRefused() {
        aggregator.send(Events.event("acme", NOW, "1")
                .setUncachedInputTokens(Long.MAX_VALUE)
                .build());
        aggregator.send(Events.event("acme", NOW, "9999999999999").build());
        aggregator.send(
                Events.event("acme", Instant.parse("1969-12-31T00:00:00Z"), "1").build());
        aggregator.send(Events.event("acme".repeat(300), NOW, "1").build());

        assertThat(refused("invalid")).isEqualTo(4);
        assertThat(aggregator.newRollups()).isEmpty();
    }

    @Test
    void aRepeatedEventIdCountsOnceEvenWithAnotherTime() {
        UsageEvent event = Events.event("acme", NOW, "1").build();
        aggregator.send(event);
        aggregator.send(
                UsageEvent.newBuilder(event).setOccurredAt(NOW.plusSeconds(1)).build());

        assertThat(aggregator
                        .last(aggregator.lastRollups(), "tenant", Granularity.day)
                        .getRequests())
                .isEqualTo(1);
        assertThat(aggregator
                        .meters
                        .counter("tokenmeter.aggregator.events", "result", "duplicate")
                        .count())
                .isEqualTo(1);
        assertThat(aggregator
                        .meters
                        .counter("tokenmeter.aggregator.events", "result", "counted")
                        .count())
                .isEqualTo(1);
    }

    private double refused(String reason) {
        return aggregator
                .meters
                .get("tokenmeter.dead.letters")
                .tags("service", "stream-aggregator", "topic", "llm.usage.v1", "reason", reason)
                .counter()
                .count();
    }
}
