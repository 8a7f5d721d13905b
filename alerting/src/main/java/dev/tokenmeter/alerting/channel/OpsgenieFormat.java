package dev.tokenmeter.alerting.channel;

import dev.tokenmeter.schemas.Alert;
import dev.tokenmeter.schemas.Notification;
import dev.tokenmeter.service.Settings;
import java.net.URI;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Opsgenie's Alert API: one alert for each group, known again by its {@code alias}, closed when the group is resolved.
 *
 * @see <a href="https://docs.opsgenie.com/docs/alert-api">Create and close alert, and the bounds of their fields</a>
 */
final class OpsgenieFormat implements HttpFormat {
    private static final URI DEFAULT = URI.create("https://api.opsgenie.com");
    private static final Map<String, String> PRIORITIES = Map.of("critical", "P1", "warning", "P3", "info", "P5");
    private static final int MOST_MESSAGE = 130;
    private static final int MOST_DESCRIPTION = 15_000;
    private static final int MOST_ENTITY = 512;

    private final URI api;
    private final Secret key;
    private final Texts texts;

    OpsgenieFormat(URI api, Secret key, Texts texts) {
        this.api = api;
        this.key = key;
        this.texts = texts;
    }

    static OpsgenieFormat from(Settings settings, String prefix) {
        return new OpsgenieFormat(
                settings.url(prefix + "api-url").orElse(DEFAULT),
                Secret.inHeader(settings, prefix + "api-key"),
                Texts.plain(settings, prefix));
    }

    @Override
    public Post post(Notification notification) {
        String alias = Facts.groupId(notification);
        boolean resolved = Texts.isResolved(notification);
        String path = resolved ? "/v2/alerts/" + alias + "/close?identifierType=alias" : "/v2/alerts";
        return new Post(
                URI.create(api + path),
                Map.of("Authorization", "GenieKey " + key.value()),
                Json.bytes(resolved ? close(notification) : create(notification, alias)),
                List.of(key.value()));
    }

    private Map<String, Object> create(Notification notification, String alias) {
        Alert first = notification.getAlerts().get(0);
        Map<String, Object> alert = new LinkedHashMap<>();
        alert.put("message", Json.bounded(texts.title(notification), MOST_MESSAGE));
        alert.put("alias", alias);
        alert.put("description", description(notification));
        alert.put("details", new TreeMap<>(notification.getGroupLabels()));
        alert.put("entity", Json.bounded(Texts.oneLine(first.getTenant()), MOST_ENTITY));
        alert.put("source", "Tokenmeter");
        alert.put("priority", PRIORITIES.get(Facts.severity(notification)));
        return alert;
    }

    private Map<String, Object> close(Notification notification) {
        Map<String, Object> close = new LinkedHashMap<>();
        close.put("source", "Tokenmeter");
        close.put("note", description(notification));
        return close;
    }

    private String description(Notification notification) {
        String text = notification.getAlerts().stream()
                .map(alert -> Facts.state(alert) + ": " + texts.text(alert)
                        + (alert.getPageUrl() == null ? "" : "\n" + alert.getPageUrl()))
                .collect(Collectors.joining("\n\n"));
        return Json.bounded(text, MOST_DESCRIPTION);
    }
}
