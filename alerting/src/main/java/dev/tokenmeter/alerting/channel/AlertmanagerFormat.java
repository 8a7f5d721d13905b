package dev.tokenmeter.alerting.channel;

import dev.tokenmeter.alerting.route.AlertLabels;
import dev.tokenmeter.schemas.Alert;
import dev.tokenmeter.schemas.Notification;
import dev.tokenmeter.service.Settings;
import java.net.URI;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Alertmanager's own API. It takes an alert as over that nobody repeats, so one that fires says until when it does: until
 * the notification that repeats it must have come.
 *
 * @see <a href="https://github.com/prometheus/alertmanager/blob/main/api/v2/openapi.yaml">POST /api/v2/alerts</a>
 */
final class AlertmanagerFormat implements HttpFormat {
    private final URI url;
    private final Texts texts;

    AlertmanagerFormat(URI url, Texts texts) {
        this.url = url;
        this.texts = texts;
    }

    static AlertmanagerFormat from(Settings settings, String prefix) {
        String base = Secret.url(settings, prefix + "url").toString().replaceAll("/+$", "");
        return new AlertmanagerFormat(URI.create(base + "/api/v2/alerts"), Texts.plain(settings, prefix));
    }

    @Override
    public Post post(Notification notification) {
        List<Object> alerts = notification.getAlerts().stream()
                .map(alert -> (Object) alert(alert, notification))
                .toList();
        return new Post(url, Map.of(), Json.bytes(alerts), List.of());
    }

    private Map<String, Object> alert(Alert alert, Notification notification) {
        Instant ends = Texts.isResolved(alert) ? alert.getUpdatedAt() : notification.getValidUntil();
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("labels", labels(alert, notification));
        json.put("annotations", Map.of("summary", texts.text(alert)));
        json.put("startsAt", alert.getStartsAt().toString());
        json.put(
                "endsAt",
                (ends.isAfter(alert.getStartsAt()) ? ends : alert.getStartsAt().plusSeconds(1)).toString());
        if (alert.getPageUrl() != null) {
            json.put("generatorURL", alert.getPageUrl());
        }
        return json;
    }

    /** Names as Prometheus allows them; empty values would be no labels. */
    private static Map<String, String> labels(Alert alert, Notification notification) {
        Map<String, String> labels = new TreeMap<>();
        AlertLabels.of(alert).forEach((name, value) -> {
            String allowed = name.replaceAll("[^A-Za-z0-9_]", "_").replaceFirst("^([0-9])", "_$1");
            if (!value.isEmpty()) {
                labels.put(allowed, value);
            }
        });
        labels.put("alert_id", alert.getAlertId());
        if (notification.getReason().equals(Texts.TEST)) {
            labels.put("test", "true");
        }
        return labels;
    }
}
