package dev.tokenmeter.alerting.route;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tokenmeter.service.SettingException;
import dev.tokenmeter.service.Settings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RoutingTest {
    private static final Set<String> RECEIVERS = Set.of("ops", "pager", "finance");

    @TempDir
    private Path folder;

    private final String tree = """
            alerting:
              route:
                receiver: ops
                group-by: [tenant]
                group-wait: 10s
                routes:
                  - matchers: [severity=critical]
                    receiver: pager
                    group-wait: 0s
                    continue: true
                    routes:
                      - matchers: ['tenant=~"test-.*"']
                        receiver: ops
                        group-by: ['...']
                  - matchers: [kind=budget_threshold, tenant!=acme]
                    receiver: finance
                    mute-time-intervals: [nights, weekends]
              time-intervals:
                nights:
                  - times: ["22:00-24:00", "00:00-06:00"]
                    location: Europe/Berlin
                weekends:
                  - weekdays: [saturday, sunday]
              silences:
                - matchers: [tenant=demo]
                  starts-at: "2026-12-01T00:00:00Z"
                  ends-at: "2026-12-02T00:00:00Z"
                  comment: Load test
            """;

    @Test
    void theDeepestRouteTakesTheAlertAndContinueAsksTheNextOnes() throws IOException {
        Routing routing = Routing.from(settings(tree), RECEIVERS);

        assertThat(receivers(routing, Map.of("severity", "warning", "kind", "anomaly")))
                .containsExactly("ops");
        assertThat(receivers(routing, Map.of("severity", "critical", "kind", "anomaly")))
                .containsExactly("pager");
        assertThat(receivers(routing, Map.of("severity", "critical", "kind", "budget_threshold", "tenant", "beta")))
                .containsExactly("pager", "finance");
        assertThat(receivers(routing, Map.of("severity", "critical", "kind", "anomaly", "tenant", "test-1")))
                .containsExactly("ops");
        assertThat(receivers(routing, Map.of("severity", "warning", "kind", "budget_threshold", "tenant", "acme")))
                .containsExactly("ops");
    }

    @Test
    void aRouteInheritsWhatItDoesNotSay() throws IOException {
        Map<String, String> critical = Map.of("severity", "critical", "tenant", "acme");
        Route pager = Routing.from(settings(tree), RECEIVERS).taking(critical).get(0);

        assertThat(pager.groupBy()).containsExactly("tenant");
        assertThat(pager.groupWait()).isZero();
        assertThat(pager.groupInterval()).isEqualTo(Duration.ofMinutes(5));
        assertThat(pager.repeatInterval()).isEqualTo(Duration.ofHours(4));
        assertThat(pager.groupKey(critical)).isEqualTo("ops{}/pager{severity=\"critical\"}:{tenant=\"acme\"}");
    }

    @Test
    void eachAlertIsAGroupWhereTheRouteSaysSo() throws IOException {
        Map<String, String> labels = Map.of("severity", "critical", "tenant", "test-1", "model", "m");
        Route each = Routing.from(settings(tree), RECEIVERS).taking(labels).get(0);
        assertThat(each.groupLabels(labels)).isEqualTo(labels);
    }

    @Test
    void routesThatReadTheSameAreToldApart() throws IOException {
        Routing routing = Routing.from(settings("""
                alerting:
                  route:
                    receiver: ops
                    routes:
                      - {receiver: pager, matchers: [a=b], continue: true}
                      - {receiver: pager, matchers: [a=b], continue: true}
                """), RECEIVERS);
        List<Route> taking = routing.taking(Map.of("a", "b"));
        assertThat(taking).extracting(Route::id).doesNotHaveDuplicates().hasSize(2);
        assertThat(taking)
                .allSatisfy(route -> assertThat(routing.byId(route.id())).containsSame(route));
    }

    @ParameterizedTest
    @CsvSource({
        "2026-11-24T20:59:59Z, false", // Tuesday, 21:59 in Berlin
        "2026-11-24T21:00:00Z, true",
        "2026-11-25T04:59:59Z, true",
        "2026-11-25T05:00:00Z, false",
        "2026-07-01T20:00:00Z, true", // daylight saving: 22:00 in Berlin
        "2026-11-28T12:00:00Z, true", // Saturday
    })
    void quietHoursFollowTheClockOfTheirPlace(Instant moment, boolean muted) throws IOException {
        Route finance = Routing.from(settings(tree), RECEIVERS)
                .taking(Map.of("kind", "budget_threshold"))
                .get(0);
        assertThat(finance.isMuted(moment)).isEqualTo(muted);
    }

    @ParameterizedTest
    @CsvSource({
        "'times: [\"09:00-17:00\"]', 2026-11-24T17:00:00Z, false",
        "'days-of-month: [\"-1\"]', 2026-11-30T00:00:00Z, true",
        "'days-of-month: [\"-1\"]', 2026-12-30T00:00:00Z, false",
        "'days-of-month: [\"1:15\"], months: [\"november:december\"]', 2026-11-15T23:59:59Z, true",
        "'months: [\"1:3\"], years: [2026]', 2026-11-15T00:00:00Z, false",
        "'weekdays: [\"monday:friday\"], years: [\"2026:2027\"]', 2026-11-24T00:00:00Z, true",
    })
    void aSpanHoldsWhenAllOfItDoes(String span, Instant moment, boolean holds) throws IOException {
        Settings settings = settings("x:\n  - {" + span + "}\n");
        assertThat(TimeInterval.from(settings, "x", "x").contains(moment)).isEqualTo(holds);
    }

    @Test
    void aSilenceHoldsForItsTime() throws IOException {
        Silences silences = Silences.from(settings(tree));
        Map<String, String> demo = Map.of("tenant", "demo");
        assertThat(silences.mute(demo, Instant.parse("2026-11-30T23:59:59Z"))).isFalse();
        assertThat(silences.mute(demo, Instant.parse("2026-12-01T00:00:00Z"))).isTrue();
        assertThat(silences.mute(demo, Instant.parse("2026-12-02T00:00:00Z"))).isFalse();
        assertThat(silences.mute(Map.of("tenant", "acme"), Instant.parse("2026-12-01T00:00:00Z")))
                .isFalse();
    }

    @Test
    void oneReceiverNeedsNoRouteAndNoneHasNone() {
        assertThat(Routing.from(Settings.of(Map.of()), Set.of("ops")).taking(Map.of()))
                .extracting(Route::receiver)
                .containsExactly("ops");
        assertThat(Routing.from(Settings.of(Map.of()), Set.of()).isEmpty()).isTrue();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "route: {group-wait: 1s} | alerting.route.receiver | not set",
                "route: {receiver: nobody} | alerting.route.receiver | nobody",
                "route: {receiver: ops, routes: [{receiver: x}]} | alerting.route.routes[0].receiver | finance, ops, pager",
                "route: {receiver: ops, matchers: [a=b]} | alerting.route.matchers | takes every alert",
                "route: {receiver: ops, routes: [{matchers: [a]}]} | alerting.route.routes[0].matchers | name=value",
                "route: {receiver: ops, group-wait: soon} | alerting.route.group-wait | soon",
                "route: {receiver: ops, group-interval: 0s} | alerting.route.group-interval | at least 1s",
                "route: {receiver: ops, mute-time-intervals: [n]} | alerting.route.mute-time-intervals | found 'n'",
                "time-intervals: {n: [{times: ['22:00-06:00']}]} | alerting.time-intervals.n[0].times | over midnight",
                "time-intervals: {n: [{weekdays: [funday]}]} | alerting.time-intervals.n[0].weekdays | funday",
                "time-intervals: {n: [{location: Mars}]} | alerting.time-intervals.n[0].location | Mars",
            })
    void aWrongSettingIsOneClearError(String yaml, String setting, String told) throws IOException {
        Settings settings = settings("alerting: {" + yaml + "}\n");
        assertThatThrownBy(() -> Routing.from(settings, new java.util.TreeSet<>(RECEIVERS)))
                .isInstanceOf(SettingException.class)
                .hasMessageContaining(setting)
                .hasMessageContaining(told);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{ends-at: '2026-12-01T00:00:00Z'} | silences[0].matchers",
                "{matchers: [a=b]} | silences[0].ends-at",
                "{matchers: [a=b], ends-at: tomorrow} | silences[0].ends-at",
                "{matchers: [a=b], starts-at: '2026-12-01T00:00:00Z', ends-at: '2026-12-01T00:00:00Z'} | after starts-at",
            })
    void aWrongSilenceIsOneClearError(String silence, String told) throws IOException {
        Settings settings = settings("alerting: {silences: [" + silence + "]}\n");
        assertThatThrownBy(() -> Silences.from(settings))
                .isInstanceOf(SettingException.class)
                .hasMessageContaining(told);
    }

    private static List<String> receivers(Routing routing, Map<String, String> labels) {
        return routing.taking(labels).stream().map(Route::receiver).toList();
    }

    private Settings settings(String yaml) throws IOException {
        return Settings.load(Files.writeString(folder.resolve("s.yaml"), yaml), Map.of(), Map.of());
    }
}
