package dev.tokenmeter.alerting.notify;

import static dev.tokenmeter.alerting.TestAlerts.NOON;
import static dev.tokenmeter.alerting.TestAlerts.alert;
import static dev.tokenmeter.alerting.TestAlerts.firing;
import static dev.tokenmeter.alerting.TestAlerts.resolved;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenmeter.alerting.route.Routing;
import dev.tokenmeter.alerting.route.Silences;
import dev.tokenmeter.alerting.route.TopicSilences;
import dev.tokenmeter.schemas.Alert;
import dev.tokenmeter.schemas.AlertGroup;
import dev.tokenmeter.schemas.AlertSilence;
import dev.tokenmeter.schemas.AlertState;
import dev.tokenmeter.schemas.GroupedAlert;
import dev.tokenmeter.schemas.Notification;
import dev.tokenmeter.schemas.Topics;
import dev.tokenmeter.schemas.serde.SingleObjectSerde;
import dev.tokenmeter.service.Settings;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.TestInputTopic;
import org.apache.kafka.streams.TestOutputTopic;
import org.apache.kafka.streams.TopologyTestDriver;
import org.apache.kafka.streams.kstream.Consumed;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Grouping, repeating and keeping quiet, by the driver's clock. */
class NotifierStageTest {
    private static final String ONE_GROUP_EACH_TENANT = """
            alerting:
              route: {receiver: ops, group-by: [tenant], group-wait: 30s, group-interval: 5m, repeat-interval: 4h}
            """;

    @TempDir
    private Path folder;

    private final NotifySerdes serdes = new NotifySerdes(
            new SingleObjectSerde<>(Alert.getEncoder(), Alert.getDecoder()),
            new SingleObjectSerde<>(AlertGroup.getEncoder(), AlertGroup.getDecoder()),
            new SingleObjectSerde<>(GroupedAlert.getEncoder(), GroupedAlert.getDecoder()),
            new SingleObjectSerde<>(Notification.getEncoder(), Notification.getDecoder()));
    private final TopicSilences topicSilences = new TopicSilences();
    private TopologyTestDriver driver;
    private TestInputTopic<byte[], Alert> alerts;
    private TestOutputTopic<String, Notification> notifications;

    private void start(String yaml, Set<String> tellResolved, Instant at) throws Exception {
        Settings settings = Settings.load(Files.writeString(folder.resolve("s.yaml"), yaml), Map.of(), Map.of());
        Routing routing = Routing.from(settings, Set.of("ops", "pager"));
        NotifierStage stage = new NotifierStage(
                routing, Silences.from(settings).and(topicSilences), tellResolved, serdes, new SimpleMeterRegistry());
        StreamsBuilder builder = new StreamsBuilder();
        stage.addTo(
                builder,
                builder.stream(
                        "alerts",
                        Consumed.with(Serdes.ByteArray(), serdes.alerts()).withName("alerts")));
        Properties properties = new Properties();
        properties.put(StreamsConfig.APPLICATION_ID_CONFIG, "test");
        properties.put(StreamsConfig.STATE_DIR_CONFIG, folder.resolve("state").toString());
        properties.put(StreamsConfig.ENSURE_EXPLICIT_INTERNAL_RESOURCE_NAMING_CONFIG, true);
        driver = new TopologyTestDriver(builder.build(), properties, at);
        alerts = driver.createInputTopic(
                "alerts", new ByteArraySerializer(), serdes.alerts().serializer());
        notifications = driver.createOutputTopic(
                Topics.NOTIFICATIONS.topicName(),
                new StringDeserializer(),
                serdes.notifications().deserializer());
    }

    private void start(String yaml) throws Exception {
        topicSilences.markCaughtUp();
        start(yaml, Set.of("ops", "pager"), NOON);
    }

    @AfterEach
    void stop() {
        driver.close();
    }

    @Test
    void alertsThatComeTogetherAreToldTogetherAfterTheWait() throws Exception {
        start(ONE_GROUP_EACH_TENANT);
        send(firing("a", "acme"));
        pass(Duration.ofSeconds(20));
        send(firing("b", "acme"), firing("c", "beta"));
        assertThat(told()).isEmpty();
        pass(Duration.ofSeconds(10));

        Notification acme = only();
        assertThat(acme.getReceiver()).isEqualTo("ops");
        assertThat(acme.getReason()).isEqualTo("first");
        assertThat(acme.getGroupLabels()).isEqualTo(Map.of("tenant", "acme"));
        assertThat(ids(acme)).containsExactly("a", "b");
        pass(Duration.ofSeconds(20));
        assertThat(ids(only())).containsExactly("c");
    }

    @Test
    void whatJoinsAGroupIsToldAtItsNextLookAndNothingIsSaidForNothing() throws Exception {
        start(ONE_GROUP_EACH_TENANT);
        send(firing("a", "acme"));
        pass(Duration.ofSeconds(30));
        told();
        send(firing("a", "acme"));
        pass(Duration.ofMinutes(5));
        assertThat(told()).isEmpty();
        send(firing("b", "acme"));
        pass(Duration.ofMinutes(5));

        Notification changed = only();
        assertThat(changed.getReason()).isEqualTo("changed");
        assertThat(ids(changed)).containsExactly("a", "b");
    }

    @Test
    void whatGoesOnIsRepeatedAfterTheInterval() throws Exception {
        start(ONE_GROUP_EACH_TENANT);
        send(firing("a", "acme"));
        pass(Duration.ofSeconds(30));
        Notification first = only();
        pass(Duration.ofMinutes(239));
        assertThat(told()).isEmpty();
        pass(Duration.ofMinutes(6));

        Notification repeat = only();
        assertThat(repeat.getReason()).isEqualTo("repeat");
        assertThat(repeat.getGroupKey()).isEqualTo(first.getGroupKey());
        assertThat(repeat.getNotificationId()).isNotEqualTo(first.getNotificationId());
        assertThat(first.getValidUntil()).isAfter(repeat.getCreatedAt());
    }

    @Test
    void whatIsResolvedIsToldOnceAndTheGroupIsForgotten() throws Exception {
        start(ONE_GROUP_EACH_TENANT);
        send(firing("a", "acme"), firing("b", "acme"));
        pass(Duration.ofSeconds(30));
        told();
        send(resolved(firing("a", "acme")));
        pass(Duration.ofMinutes(5));
        Notification changed = only();
        assertThat(changed.getReason()).isEqualTo("changed");
        assertThat(changed.getAlerts())
                .extracting(Alert::getState)
                .containsExactly(AlertState.firing, AlertState.resolved);
        send(resolved(firing("b", "acme")));
        pass(Duration.ofMinutes(5));
        Notification resolved = only();
        assertThat(resolved.getReason()).isEqualTo("resolved");
        assertThat(ids(resolved)).containsExactly("b");

        pass(Duration.ofHours(5));
        assertThat(told()).isEmpty();
        assertThat(driver.getKeyValueStore(GroupStores.GROUPS).all().hasNext()).isFalse();
        assertThat(driver.getKeyValueStore(GroupStores.ALERTS).all().hasNext()).isFalse();
        assertThat(driver.getKeyValueStore(AlertRouter.STORE).all().hasNext()).isFalse();
        send(firing("b", "acme"));
        pass(Duration.ofSeconds(30));
        Notification again = only();
        assertThat(again.getReason()).isEqualTo("first");
        assertThat(again.getNotificationId()).isNotEqualTo(resolved.getNotificationId());
    }

    @Test
    void whatIsOverBeforeItWasToldIsNeverTold() throws Exception {
        start(ONE_GROUP_EACH_TENANT);
        send(firing("a", "acme"), resolved(firing("a", "acme")));
        pass(Duration.ofHours(5));
        assertThat(told()).isEmpty();
    }

    @Test
    void aReceiverThatWantsOnlyWhatFiresHearsOnlyThat() throws Exception {
        topicSilences.markCaughtUp();
        start(ONE_GROUP_EACH_TENANT, Set.of(), NOON);
        send(firing("a", "acme"));
        pass(Duration.ofSeconds(30));
        assertThat(only().getReason()).isEqualTo("first");
        send(resolved(firing("a", "acme")));
        pass(Duration.ofHours(5));
        assertThat(told()).isEmpty();
        assertThat(driver.getKeyValueStore(GroupStores.GROUPS).all().hasNext()).isFalse();
    }

    @Test
    void quietHoursHoldBackWhatFiresAndWhatIsResolvedUntilTheyAreOver() throws Exception {
        start("""
                alerting:
                  route: {receiver: ops, group-wait: 30s, mute-time-intervals: [lunch]}
                  time-intervals: {lunch: [{times: ["12:05-13:00"]}]}
                """);
        send(firing("before", "acme"));
        pass(Duration.ofMinutes(1));
        assertThat(ids(only())).containsExactly("before");
        pass(Duration.ofMinutes(9));
        send(resolved(firing("before", "acme")), firing("within", "beta"));
        send(firing("passing", "gamma"), resolved(firing("passing", "gamma")));
        pass(Duration.ofMinutes(49));
        assertThat(told()).isEmpty();
        pass(Duration.ofMinutes(3));

        assertThat(told())
                .extracting(one -> one.getReason() + " " + ids(one))
                .containsExactlyInAnyOrder("resolved [before]", "first [within]");
    }

    @Test
    void aSilencedAlertIsToldWhenItsSilenceEndsAndTheOthersAtOnce() throws Exception {
        start(ONE_GROUP_EACH_TENANT + """
                  silences:
                    - matchers: [budget_id=quiet]
                      ends-at: "2026-11-24T13:00:00Z"
                """);
        send(firing("loud", "acme"));
        send(alert("quiet", "acme").setLabels(Map.of("budget_id", "quiet")).build());
        pass(Duration.ofMinutes(1));
        assertThat(ids(only())).containsExactly("loud");
        pass(Duration.ofMinutes(58));
        assertThat(told()).isEmpty();
        pass(Duration.ofMinutes(7));
        Notification after = only();
        assertThat(after.getReason()).isEqualTo("changed");
        assertThat(ids(after)).containsExactly("loud", "quiet");
    }

    @Test
    void nobodyIsToldBeforeTheSilencesAreKnownAndATakenBackOneTells() throws Exception {
        start(ONE_GROUP_EACH_TENANT, Set.of("ops"), NOON);
        send(firing("a", "acme"));
        pass(Duration.ofMinutes(2));
        assertThat(told()).isEmpty();
        topicSilences.put(
                "s",
                AlertSilence.newBuilder()
                        .setSilenceId("s")
                        .setTenant("acme")
                        .setStartsAt(NOON)
                        .setEndsAt(NOON.plusSeconds(3600))
                        .setUpdatedAt(NOON)
                        .build());
        topicSilences.markCaughtUp();
        pass(Duration.ofMinutes(10));
        assertThat(told()).isEmpty();
        topicSilences.remove("s");
        pass(Duration.ofMinutes(5));
        assertThat(only().getReason()).isEqualTo("first");
    }

    @Test
    void twoRoutesTellTwoReceiversEachByItself() throws Exception {
        start("""
                alerting:
                  route:
                    receiver: ops
                    group-wait: 30s
                    routes:
                      - {matchers: [severity=critical], receiver: pager, group-wait: 0s, continue: true}
                      - {matchers: [severity=critical], receiver: ops}
                """);
        send(alert("a", "acme").setSeverity("critical").build());
        pass(Duration.ofSeconds(1));
        assertThat(only().getReceiver()).isEqualTo("pager");
        pass(Duration.ofSeconds(30));
        assertThat(only().getReceiver()).isEqualTo("ops");
    }

    @Test
    void aCrowdIsCutOffAndCounted() throws Exception {
        start(ONE_GROUP_EACH_TENANT);
        for (int i = 0; i < Notifications.MOST_ALERTS + 7; i++) {
            send(firing("alert-" + i, "acme"));
        }
        pass(Duration.ofSeconds(30));
        Notification crowd = only();
        assertThat(crowd.getAlerts()).hasSize(Notifications.MOST_ALERTS);
        assertThat(crowd.getTruncatedAlerts()).isEqualTo(7);
    }

    @Test
    void whatJoinsACrowdIsShownAndWhatLeavesItToo() throws Exception {
        start(ONE_GROUP_EACH_TENANT);
        for (int i = 0; i < Notifications.MOST_ALERTS; i++) {
            send(firing("alert-%02d".formatted(i), "acme"));
        }
        pass(Duration.ofSeconds(30));
        assertThat(only().getTruncatedAlerts()).isZero();
        send(firing("the-51st", "acme"));
        pass(Duration.ofMinutes(5));
        Notification joined = only();
        assertThat(joined.getReason()).isEqualTo("changed");
        assertThat(ids(joined)).contains("the-51st").hasSize(Notifications.MOST_ALERTS);
        assertThat(joined.getTruncatedAlerts()).isEqualTo(1);
        send(resolved(firing("alert-07", "acme")));
        pass(Duration.ofMinutes(5));
        assertThat(only().getAlerts())
                .hasSize(Notifications.MOST_ALERTS)
                .filteredOn(alert -> alert.getState() == AlertState.resolved)
                .extracting(Alert::getAlertId)
                .containsExactly("alert-07");
    }

    @Test
    void ofACrowdThatIsTooLargeForOneNotificationTheNextTellsTheRest() throws Exception {
        start(ONE_GROUP_EACH_TENANT);
        for (int i = 0; i < Notifications.MOST_ALERTS + 7; i++) {
            send(firing("alert-%02d".formatted(i), "acme"));
        }
        pass(Duration.ofSeconds(30));
        List<String> told = new ArrayList<>(ids(only()));
        pass(Duration.ofMinutes(5));
        told.addAll(ids(only()));
        assertThat(Set.copyOf(told)).hasSize(Notifications.MOST_ALERTS + 7);
        pass(Duration.ofMinutes(10));
        assertThat(told()).isEmpty();
    }

    @Test
    void whoseAlertsOtherRoutesTakeAfterARestartHearsThatTheyAreOverForHim() throws Exception {
        start(ONE_GROUP_EACH_TENANT);
        send(firing("a", "acme"), firing("b", "beta"));
        pass(Duration.ofSeconds(30));
        assertThat(told()).hasSize(2);
        restart(ONE_GROUP_EACH_TENANT.replace(
                "repeat-interval: 4h",
                "repeat-interval: 4h, routes: [{receiver: pager, matchers: [tenant=acme], group-wait: 30s}]"));
        pass(Duration.ofMinutes(6));
        assertThat(told())
                .extracting(one -> one.getReceiver() + " " + one.getReason() + " " + ids(one))
                .containsExactlyInAnyOrder("pager first [a]", "ops resolved [a]");
        pass(Duration.ofMinutes(239));
        assertThat(told())
                .extracting(one -> one.getReceiver() + " " + one.getReason() + " " + ids(one))
                .containsExactlyInAnyOrder("pager repeat [a]", "ops repeat [b]");
    }

    /** With other settings and what the stores held. */
    private void restart(String yaml) throws Exception {
        Instant now = NOON.plusSeconds(60);
        Map<String, List<KeyValue<Object, Object>>> kept = new HashMap<>();
        for (String store : List.of(GroupStores.GROUPS, GroupStores.ALERTS, AlertRouter.STORE)) {
            List<KeyValue<Object, Object>> entries = new ArrayList<>();
            try (var all = driver.getKeyValueStore(store).all()) {
                all.forEachRemaining(entries::add);
            }
            kept.put(store, entries);
        }
        driver.close();
        start(yaml, Set.of("ops", "pager"), now);
        kept.forEach((store, entries) ->
                entries.forEach(entry -> driver.getKeyValueStore(store).put(entry.key, entry.value)));
    }

    private void send(Alert... steps) {
        for (Alert step : steps) {
            alerts.pipeInput(step.getAlertId().getBytes(StandardCharsets.UTF_8), step);
        }
    }

    /** In steps, as time does. */
    private void pass(Duration time) {
        Duration step = Duration.ofSeconds(1);
        for (Duration left = time; !left.isZero(); left = left.minus(step)) {
            driver.advanceWallClockTime(step);
        }
    }

    private List<Notification> told() {
        List<Notification> told = new ArrayList<>();
        notifications.readKeyValuesToList().forEach(record -> {
            assertThat(record.key).isEqualTo(record.value.getReceiver());
            told.add(record.value);
        });
        return told;
    }

    private Notification only() {
        List<Notification> told = told();
        assertThat(told).hasSize(1);
        return told.get(0);
    }

    private static List<String> ids(Notification notification) {
        return notification.getAlerts().stream().map(Alert::getAlertId).toList();
    }
}
