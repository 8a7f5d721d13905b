package dev.tokenmeter.alerting.channel;

import static dev.tokenmeter.alerting.TestAlerts.NOON;
import static dev.tokenmeter.alerting.TestAlerts.alert;
import static dev.tokenmeter.alerting.TestAlerts.firing;
import static dev.tokenmeter.alerting.TestAlerts.notification;
import static dev.tokenmeter.alerting.TestAlerts.resolved;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenmeter.schemas.Notification;
import dev.tokenmeter.service.Settings;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What is sent, byte for byte: {@code formats/<channel>-<notification>.txt}, address and headers first. */
class FormatsTest {
    private static final String NASTY = "a<!channel>&\"b\"\r\nBcc: x@y <b>*_`[z](http://e)";

    private static final Map<String, HttpFormat> FORMATS = formats();
    private static final Map<String, Notification> NOTIFICATIONS = notifications();

    private static Map<String, HttpFormat> formats() {
        Map<String, HttpFormat> formats = new LinkedHashMap<>();
        formats.put(
                "webhook",
                new WebhookFormat(
                        URI.create("https://hooks.example.com/usage"),
                        Optional.of("top secret".getBytes(StandardCharsets.UTF_8)),
                        Clock.fixed(NOON, ZoneOffset.UTC)));
        Settings urls = settings(Map.of("url", "https://hooks.example.com/T0/B0/x"));
        formats.put("slack", SlackFormat.from(urls, "x."));
        formats.put("teams", TeamsFormat.from(urls, "x."));
        formats.put("pagerduty", PagerDutyFormat.from(settings(Map.of("routing-key", "R0")), "x."));
        formats.put("opsgenie", OpsgenieFormat.from(settings(Map.of("api-key", "K0")), "x."));
        formats.put(
                "alertmanager",
                AlertmanagerFormat.from(settings(Map.of("url", "http://am.example.com:9093/x/")), "x."));
        return formats;
    }

    static Settings settings(Map<String, String> values) {
        Map<String, String> prefixed = new HashMap<>();
        values.forEach((name, value) -> prefixed.put("x." + name, value));
        return Settings.of(prefixed);
    }

    private static Map<String, Notification> notifications() {
        Map<String, Notification> notifications = new LinkedHashMap<>();
        notifications.put("one", notification("n-1", "ops", firing("a", "acme")).build());
        notifications.put(
                "nasty",
                notification(
                                "n-2",
                                "ops",
                                alert("a", NASTY)
                                        .setLabels(Map.of("tag.team", NASTY, "1st", ""))
                                        .setPageUrl(null)
                                        .setLimitUsd(null)
                                        .build())
                        .build());
        notifications.put(
                "many",
                notification(
                                "n-3",
                                "ops",
                                alert("a", "acme").setSeverity("critical").build(),
                                firing("b", "acme"),
                                resolved(firing("c", "beta")))
                        .setReason("changed")
                        .setTruncatedAlerts(7)
                        .build());
        notifications.put(
                "resolved",
                notification("n-4", "ops", resolved(firing("a", "acme")))
                        .setReason("resolved")
                        .build());
        notifications.put(
                "test",
                notification("n-5", "ops", firing("a", "acme"))
                        .setReason("test")
                        .build());
        return notifications;
    }

    static Stream<Arguments> cases() {
        return FORMATS.keySet().stream()
                .flatMap(format -> NOTIFICATIONS.keySet().stream().map(name -> Arguments.of(format, name)));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void aMessageIsAsTheVendorDocumentsIt(String format, String name) throws IOException {
        assertThat(written(FORMATS.get(format).post(NOTIFICATIONS.get(name)))).isEqualTo(fixture(format + "-" + name));
    }

    private static String written(HttpFormat.Post post) {
        StringBuilder text = new StringBuilder(post.uri() + "\n");
        new java.util.TreeMap<>(post.headers()).forEach((header, value) -> text.append(header + ": " + value + "\n"));
        return text + "\n" + new String(post.body(), StandardCharsets.UTF_8) + "\n";
    }

    private static String fixture(String name) throws IOException {
        try (InputStream in = FormatsTest.class.getResourceAsStream("/formats/" + name + ".txt")) {
            return in == null ? "none" : new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    @Test
    void operatorsMaySayItInTheirWordsAndNamesAreEscapedInThem() {
        Settings settings = settings(Map.of(
                "url", "https://hooks.example.com/x",
                "title", "LLM spend of {{group_labels.tenant}}",
                "text", "*{{severity}}* {{tenant}} {{labels.tag_team}}: {{observed_usd}} of {{limit_usd}}{{nothing}}"));
        String body = new String(
                SlackFormat.from(settings, "x.")
                        .post(notification("n", "ops", firing("a", "a<b")).build())
                        .body(),
                StandardCharsets.UTF_8);
        assertThat(body)
                .contains("\"text\":\"LLM spend of acme\"")
                .contains("*warning* a&lt;b growth: 812.404 of 1000");
    }

    @Test
    void nothingOutgrowsItsBound() {
        Notification huge = notification(
                        "n",
                        "ops",
                        Stream.generate(() -> alert("a", "t".repeat(5000))
                                        .setSummary("s".repeat(20_000))
                                        .build())
                                .limit(50)
                                .toArray(dev.tokenmeter.schemas.Alert[]::new))
                .build();
        assertThat(FORMATS.get("teams").post(huge).body()).hasSizeLessThan(28_000 + 4 * 5_200);
        String slack = new String(FORMATS.get("slack").post(huge).body(), StandardCharsets.UTF_8);
        assertThat(slack.split("\"type\":\"section\"", -1)).hasSize(42);
        assertThat(new String(FORMATS.get("opsgenie").post(huge).body(), StandardCharsets.UTF_8))
                .hasSizeLessThan(17_000);
    }

    @Test
    void aBoundCutsNoCharacterInTwo() {
        assertThat(Json.bounded("ab😀cd", 4)).isEqualTo("ab…");
        assertThat(Json.bounded("ab😀cd", 5)).isEqualTo("ab😀…");
        assertThat(Json.bounded("abc", 3)).isEqualTo("abc");
    }

    @Test
    void allNotificationsOfAGroupHaveOneIncident() {
        List<String> keys = Stream.of("one", "many", "resolved")
                .map(name -> new String(
                        FORMATS.get("pagerduty").post(NOTIFICATIONS.get(name)).body()))
                .map(body -> body.replaceAll(".*\"dedup_key\":\"([0-9a-f]+)\".*", "$1"))
                .distinct()
                .toList();
        assertThat(keys).hasSize(1);
    }
}
