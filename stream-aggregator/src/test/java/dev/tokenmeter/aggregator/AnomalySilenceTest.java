package dev.tokenmeter.aggregator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.tokenmeter.schemas.Anomaly;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A feature that stopped is told of by the clock, as nothing comes that could tell of it. */
class AnomalySilenceTest {
    /** A Monday. */
    private static final Instant NINE = Instant.parse("2026-11-23T09:00:00Z");

    private final AggregatorDriver aggregator = new AggregatorDriver(
            NINE,
            Map.of(
                    "stream-aggregator.anomaly.rules", "silent_source",
                    "stream-aggregator.anomaly.silent-source.hours", "2",
                    "stream-aggregator.anomaly.silent-source.min-requests", "2"));

    private final List<Anomaly> told = new ArrayList<>();

    @AfterEach
    void close() {
        aggregator.close();
    }

    @Test
    void aFeatureThatStoppedIsToldWhileOthersCallAndTakenBackWhenItCallsAgain() {
        history();
        call("search", NINE);
        minutes(6 * 60, "chat");

        assertThat(told)
                .extracting(Anomaly::getAnomalyId, Anomaly::getResolved, Anomaly::getDetectedAt)
                .containsExactly(tuple(
                        "silent_source|acme|2026-11-23|tag.feature|search",
                        false,
                        Instant.parse("2026-11-23T12:00:00Z")));
        call("search", aggregator.now());
        minutes(1, "chat");
        assertThat(told).hasSize(2);
        assertThat(told.get(1).getResolved()).isTrue();
    }

    @Test
    void whereNothingIsCalledAtAllNobodyIsMissed() {
        history();
        call("search", NINE);
        call("chat", NINE);
        minutes(6 * 60, null);

        assertThat(told).isEmpty();
    }

    @Test
    void aPipelineThatCatchesUpMissesNobody() {
        history();
        call("search", NINE);
        call("chat", NINE);
        aggregator.advance(Duration.ofHours(6));
        Instant late = aggregator.now();
        minutes(8, "chat");
        for (int hour = 1; hour <= 6; hour++) {
            call("search", NINE.plus(Duration.ofHours(hour)));
        }
        call("search", late);
        minutes(30, "chat");

        assertThat(told).isEmpty();
    }

    /** Both features call in each hour of three weeks. */
    private void history() {
        for (Instant hour = NINE.minus(Duration.ofDays(21));
                hour.isBefore(NINE);
                hour = hour.plus(Duration.ofHours(1))) {
            call("search", hour);
            call("chat", hour);
        }
        told.addAll(aggregator.newAnomalies());
    }

    /** @param feature calls every five minutes; null for none */
    private void minutes(int count, String feature) {
        for (int minute = 0; minute < count; minute++) {
            if (feature != null && minute % 5 == 0) {
                call(feature, aggregator.now());
            }
            aggregator.advance(Duration.ofMinutes(1).minusSeconds(1));
            told.addAll(aggregator.newAnomalies());
        }
    }

    private void call(String feature, Instant at) {
        aggregator.send(Events.event("acme", at, "0.01")
                .setTags(Map.of("feature", feature))
                .build());
    }
}
