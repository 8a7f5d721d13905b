package dev.tokenmeter.standalone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tokenmeter.service.SettingException;
import dev.tokenmeter.service.Settings;
import dev.tokenmeter.standalone.rebuild.Rebuild;
import dev.tokenmeter.standalone.rebuild.RebuildRequest;
import dev.tokenmeter.storage.query.TimeRange;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What is wrong on the command line is told by the name that it has there. */
class BadArgumentsTest {
    @Test
    void aRebuildOfAGroupThatNobodySumsIsRefusedBeforeAnythingIsDone() {
        Instant day = Instant.parse("2026-11-20T00:00:00Z");
        RebuildRequest asked = new RebuildRequest(
                new TimeRange(day, day.plusSeconds(86_400)), Optional.empty(), Set.of("nope"), false, false, false);

        assertThatThrownBy(() -> new Rebuild(asked, Settings.of(Map.of()), (what, done, of, events, replaced) -> {}))
                .isInstanceOf(SettingException.class)
                .hasMessageMatching("--group: found nope; allowed: .*tenant.*");
    }

    @Test
    void anArgumentIsNoSettingOfAFile() {
        assertThat(new SettingException("NUMBER", "found 99", "one of the list"))
                .hasMessage("NUMBER: found 99; allowed: one of the list");
        assertThat(new SettingException("query-api.port", "found x", "a number").getMessage())
                .startsWith("setting query-api.port (environment TOKENMETER_QUERY_API_PORT): ");
    }
}
