package dev.tokenmeter.alerting.route;

import static dev.tokenmeter.alerting.TestAlerts.NOON;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenmeter.schemas.AlertSilence;
import dev.tokenmeter.service.Settings;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TopicSilencesTest {
    private final TopicSilences silences = new TopicSilences();

    private static AlertSilence silence(String... matchers) {
        return AlertSilence.newBuilder()
                .setSilenceId("s")
                .setTenant("acme")
                .setMatchers(List.of(matchers))
                .setStartsAt(NOON)
                .setEndsAt(NOON.plusSeconds(60))
                .setUpdatedAt(NOON)
                .build();
    }

    private boolean mutes(String tenant, String kind) {
        return silences.mute(Map.of("tenant", tenant, "kind", kind), NOON);
    }

    @Test
    void aTenantSilencesItsOwnAlertsAlone() {
        silences.put("s", silence());
        assertThat(mutes("acme", "anomaly")).isTrue();
        assertThat(mutes("beta", "anomaly")).isFalse();
        silences.put("s", silence("tenant=~.*"));
        assertThat(mutes("beta", "anomaly")).isFalse();
        silences.put("s", silence("kind=anomaly"));
        assertThat(mutes("acme", "anomaly")).isTrue();
        assertThat(mutes("acme", "budget_threshold")).isFalse();
        silences.remove("s");
        assertThat(mutes("acme", "anomaly")).isFalse();
    }

    @Test
    void nobodyIsToldBeforeTheSilencesAreRead() {
        Silences both = Silences.from(Settings.of(Map.of())).and(silences);
        assertThat(both.areKnown()).isFalse();
        silences.markCaughtUp();
        assertThat(both.areKnown()).isTrue();
        silences.put("s", silence());
        assertThat(both.mute(Map.of("tenant", "acme"), NOON)).isTrue();
    }

    @Test
    void aSilenceThatCannotBeUnderstoodSilencesNothing() {
        silences.put("s", silence());
        silences.put("s", silence("kind=~("));
        assertThat(mutes("acme", "anomaly")).isFalse();
        assertThat(silences.size()).isZero();
    }
}
