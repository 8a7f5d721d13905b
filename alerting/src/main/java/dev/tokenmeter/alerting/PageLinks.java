package dev.tokenmeter.alerting;

import dev.tokenmeter.schemas.Alert;
import dev.tokenmeter.schemas.alert.AlertRules;
import dev.tokenmeter.service.Settings;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;

/**
 * The dashboard's page that shows what an alert is about: its tenant, and the shortest of the page's periods that is sure to
 * hold the alert's window for some days.
 */
final class PageLinks {
    private static final Duration DAY = Duration.ofHours(25); // the longest, across daylight saving
    private static final Duration WEEK = Duration.ofDays(8);

    private final Optional<URI> page;

    /** @param page where the dashboard is; empty where nobody said */
    PageLinks(Optional<URI> page) {
        this.page = page;
    }

    static PageLinks from(Settings settings) {
        return new PageLinks(settings.url(AlertingConfig.SECTION + ".external-url"));
    }

    /** The alert with its link. */
    Alert linked(Alert alert) {
        return page.map(url ->
                        Alert.newBuilder(alert).setPageUrl(url + query(alert)).build())
                .orElse(alert);
    }

    private static String query(Alert alert) {
        Duration window = Duration.between(alert.getWindowStart(), alert.getWindowEnd());
        String period = "";
        if (window.compareTo(DAY) <= 0) {
            period = "&period=7d";
        } else if (window.compareTo(WEEK) <= 0) {
            period = "&period=30d";
        }
        String view = alert.getKind().startsWith("budget") ? "#view-budgets" : "#view-alerts";
        String tenant = alert.getTenant().equals(AlertRules.EVERYBODY)
                ? "?"
                : "?tenant=" + URLEncoder.encode(alert.getTenant(), StandardCharsets.UTF_8);
        return ("/" + tenant + period + view).replace("?&", "?").replace("?#", "#");
    }
}
