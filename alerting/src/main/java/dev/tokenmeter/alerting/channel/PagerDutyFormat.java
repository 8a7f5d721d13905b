package dev.tokenmeter.alerting.channel;

import dev.tokenmeter.schemas.Alert;
import dev.tokenmeter.schemas.Notification;
import dev.tokenmeter.service.Settings;
import java.net.URI;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * PagerDuty's Events API v2: one incident for each group, known again by its {@code dedup_key}, so that what is sent twice is
 * one, and resolved when the group is.
 *
 * @see <a href="https://developer.pagerduty.com/docs/events-api-v2/trigger-events/">Trigger events, and the bounds of their
 *     fields</a>
 */
final class PagerDutyFormat implements HttpFormat {
    private static final URI DEFAULT = URI.create("https://events.pagerduty.com/v2/enqueue");
    private static final int MOST_SUMMARY = 1024;
    /** Keeps an event below its 512 KB. */
    private static final int MOST_ALERTS = 50;

    private final URI url;
    private final Secret routingKey;
    private final Texts texts;

    PagerDutyFormat(URI url, Secret routingKey, Texts texts) {
        this.url = url;
        this.routingKey = routingKey;
        this.texts = texts;
    }

    static PagerDutyFormat from(Settings settings, String prefix) {
        return new PagerDutyFormat(
                settings.url(prefix + "api-url").orElse(DEFAULT),
                Secret.inHeader(settings, prefix + "routing-key"),
                Texts.plain(settings, prefix));
    }

    @Override
    public Post post(Notification notification) {
        boolean resolved = Texts.isResolved(notification);
        Map<String, Object> event = new LinkedHashMap<>();
        event.put("routing_key", routingKey.value());
        event.put("event_action", resolved ? "resolve" : "trigger");
        event.put("dedup_key", Facts.groupId(notification));
        if (!resolved) {
            event.put("client", "Tokenmeter");
            event.put("links", links(notification));
            event.put("payload", payload(notification));
        }
        return new Post(url, Map.of(), Json.bytes(event), List.of(routingKey.value()));
    }

    private Map<String, Object> payload(Notification notification) {
        Alert first = notification.getAlerts().get(0);
        Map<String, Object> payload = new LinkedHashMap<>();
        payload.put("summary", Json.bounded(summary(notification), MOST_SUMMARY));
        payload.put("source", "tokenmeter");
        payload.put("severity", Facts.severity(notification));
        payload.put("timestamp", first.getStartsAt().toString());
        payload.put("component", Texts.oneLine(first.getTenant()));
        payload.put("class", first.getKind());
        Map<String, Object> details = new LinkedHashMap<>();
        details.put("group", new TreeMap<>(notification.getGroupLabels()));
        details.put(
                "alerts",
                Facts.first(notification, MOST_ALERTS).stream()
                        .map(alert -> Facts.state(alert) + ": " + texts.text(alert))
                        .toList());
        payload.put("custom_details", details);
        return payload;
    }

    /** Of one alert, what happened; it is what somebody reads on a telephone at night. */
    private String summary(Notification notification) {
        boolean test = notification.getReason().equals(Texts.TEST);
        return notification.getAlerts().size() == 1 && !test
                ? texts.text(notification.getAlerts().get(0))
                : texts.title(notification);
    }

    private static List<Object> links(Notification notification) {
        List<Object> links = new ArrayList<>();
        notification.getAlerts().stream()
                .filter(alert -> alert.getPageUrl() != null)
                .map(Alert::getPageUrl)
                .distinct()
                .limit(10)
                .forEach(url -> {
                    Map<String, Object> link = new LinkedHashMap<>();
                    link.put("href", url);
                    link.put("text", "Show");
                    links.add(link);
                });
        return links;
    }
}
