package dev.tokenmeter.storage.query;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TimeRangeTest {
    private static final Instant NOW = Instant.parse("2026-11-24T10:20:30Z");

    @ParameterizedTest
    @CsvSource({
        "2026-11-24T10:20:30Z,2026-11-24T11:00:00Z",
        "2026-11-24T10:20:29.5Z,2026-11-24T11:00:00Z",
        "2026-11-24T10:45:00Z,2026-11-24T11:00:00Z",
        "2026-11-24T10:00:00Z,2026-11-24T10:00:00Z",
        "2026-11-24T10:20:20Z,2026-11-24T10:20:20Z",
        "2026-11-24T09:59:59Z,2026-11-24T09:59:59Z"
    })
    void anEndThatIsNowOrToComeGoesOnToTheHoursEndAndAnEarlierOneStays(Instant until, Instant expected) {
        TimeRange range = new TimeRange(Instant.parse("2026-11-01T00:00:00Z"), until);
        assertThat(range.upToRunningHour(NOW).until()).isEqualTo(expected);
    }

    @Test
    void aMomentAfterAFullHourTheQuestionEndedAtItsEnd() {
        Instant justBefore = Instant.parse("2026-11-24T09:59:59.9Z");
        TimeRange range = new TimeRange(Instant.parse("2026-11-01T00:00:00Z"), justBefore);
        assertThat(range.upToRunningHour(Instant.parse("2026-11-24T10:00:00.1Z"))
                        .until())
                .isEqualTo(Instant.parse("2026-11-24T10:00:00Z"));
    }
}
