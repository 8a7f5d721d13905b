package dev.tokenmeter.alerting;

import static dev.tokenmeter.alerting.TestAlerts.NOON;
import static dev.tokenmeter.alerting.TestAlerts.alert;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenmeter.schemas.Alert;
import dev.tokenmeter.service.Settings;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PageLinksTest {
    private final PageLinks links =
            PageLinks.from(Settings.of(Map.of("alerting.external-url", "https://usage.example.com/llm/")));

    @ParameterizedTest
    @CsvSource({
        "anomaly, PT1H, /llm/?tenant=acme&period=7d#view-alerts",
        "anomaly, PT25H, /llm/?tenant=acme&period=7d#view-alerts",
        "budget_threshold, P7D, /llm/?tenant=acme&period=30d#view-budgets",
        "budget_threshold, P31D, /llm/?tenant=acme#view-budgets",
    })
    void thePageShowsTheTenantAndAPeriodThatHoldsTheAlerts(String kind, Duration window, String link) {
        Alert alert = links.linked(alert("a", "acme")
                .setKind(kind)
                .setWindowStart(NOON)
                .setWindowEnd(NOON.plus(window))
                .build());
        assertThat(alert.getPageUrl()).isEqualTo("https://usage.example.com" + link);
    }

    @Test
    void aNameCannotLeadElsewhere() {
        assertThat(links.linked(alert("a", "a&b=c#d/e f").build()).getPageUrl())
                .isEqualTo("https://usage.example.com/llm/?tenant=a%26b%3Dc%23d%2Fe+f#view-budgets");
    }

    @Test
    void whereNobodySaidWhereThePageIsThereIsNoLink() {
        Alert alert = alert("a", "acme").setPageUrl(null).build();
        assertThat(PageLinks.from(Settings.of(Map.of())).linked(alert)).isSameAs(alert);
    }
}
