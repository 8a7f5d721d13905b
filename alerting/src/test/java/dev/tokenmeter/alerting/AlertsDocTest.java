package dev.tokenmeter.alerting;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenmeter.alerting.deliver.Receiver;
import dev.tokenmeter.alerting.route.Route;
import dev.tokenmeter.schemas.Alert;
import dev.tokenmeter.service.Settings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code docs/alerts.md} says what is so. */
class AlertsDocTest {
    private static final Path DOC = Path.of("..", "docs", "alerts.md");

    @TempDir
    private Path folder;

    @Test
    void theExampleOfSettingsCanBeUsedAsItStands() throws Exception {
        Matcher block = Pattern.compile("(?s)```yaml\n(.*?)```").matcher(Files.readString(DOC));
        assertThat(block.find()).isTrue();
        Files.writeString(folder.resolve("slack"), "https://hooks.example.com/x");
        Files.writeString(folder.resolve("pagerduty"), "R0");
        Files.writeString(folder.resolve("smtp"), "s3cret");
        Path file = Files.writeString(folder.resolve("s.yaml"), block.group(1).replace("/run/secrets/", folder + "/"));
        Settings settings = Settings.load(file, Map.of(), Map.of());

        AlertingConfig.from(settings);
        DeliveryConfig delivery = DeliveryConfig.from(settings);
        assertThat(PageLinks.from(settings)
                        .linked(TestAlerts.firing("a", "acme"))
                        .getPageUrl())
                .startsWith("https://usage.example.com/");
        settings.rejectUnknown(Set.of("alerting"));
        assertThat(delivery.receivers()).extracting(Receiver::name).containsExactly("finance", "on-call", "ops");
        assertThat(delivery.routing().taking(Map.of("severity", "critical", "kind", "budget_threshold")))
                .extracting(Route::receiver)
                .isEqualTo(List.of("on-call", "finance"));
    }

    @Test
    void everyFieldOfAnAlertIsListed() throws Exception {
        String doc = Files.readString(DOC);
        assertThat(Alert.getClassSchema().getFields())
                .allSatisfy(field -> assertThat(doc).contains("`" + field.name() + "`"));
    }
}
