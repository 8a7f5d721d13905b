package dev.tokenmeter.alerting.channel;

import dev.tokenmeter.schemas.Alert;
import dev.tokenmeter.schemas.Notification;
import dev.tokenmeter.service.Settings;
import java.net.URI;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * An Adaptive Card for the webhook of a Teams workflow. All texts are text runs, in which, unlike in text blocks, nothing is
 * Markdown.
 *
 * @see <a
 *     href="https://learn.microsoft.com/microsoftteams/platform/webhooks-and-connectors/how-to/connectors-using">Webhooks of
 *     workflows</a>
 * @see <a href="https://adaptivecards.io/explorer/RichTextBlock.html">RichTextBlock</a>
 */
final class TeamsFormat implements HttpFormat {
    /** A message may have 28 KB. */
    private static final int MOST_ALERTS = 20;

    private static final int MOST_TEXT = 800;
    private static final int MOST_LINKS = 4;

    private final URI url;
    private final Texts texts;

    TeamsFormat(URI url, Texts texts) {
        this.url = url;
        this.texts = texts;
    }

    static TeamsFormat from(Settings settings, String prefix) {
        return new TeamsFormat(Secret.url(settings, prefix + "url"), Texts.plain(settings, prefix));
    }

    @Override
    public Post post(Notification notification) {
        List<Object> body = new ArrayList<>();
        body.add(block(
                run(Json.bounded(texts.title(notification), MOST_TEXT), Map.of("weight", "bolder", "size", "large"))));
        for (Alert alert : Facts.first(notification, MOST_ALERTS)) {
            body.add(block(
                    run(Facts.state(alert) + ": ", Map.of("weight", "bolder", "color", color(alert))),
                    run(Json.bounded(texts.text(alert), MOST_TEXT), Map.of())));
        }
        String more = Facts.more(notification, MOST_ALERTS);
        if (!more.isEmpty()) {
            body.add(block(run(more, Map.of())));
        }
        Map<String, Object> card = new LinkedHashMap<>();
        card.put("$schema", "http://adaptivecards.io/schemas/adaptive-card.json");
        card.put("type", "AdaptiveCard");
        card.put("version", "1.4");
        card.put("body", body);
        card.put("actions", links(notification));
        Map<String, Object> attachment = new LinkedHashMap<>();
        attachment.put("contentType", "application/vnd.microsoft.card.adaptive");
        attachment.put("contentUrl", null);
        attachment.put("content", card);
        Map<String, Object> message = new LinkedHashMap<>();
        message.put("type", "message");
        message.put("attachments", List.of(attachment));
        return Post.toSecret(url, Map.of(), Json.bytes(message));
    }

    private static String color(Alert alert) {
        if (Texts.isResolved(alert)) {
            return "good";
        }
        return alert.getSeverity().equals("critical") ? "attention" : "warning";
    }

    private static List<Object> links(Notification notification) {
        Map<String, Object> links = new LinkedHashMap<>();
        for (Alert alert : notification.getAlerts()) {
            if (alert.getPageUrl() != null && links.size() < MOST_LINKS) {
                Map<String, Object> action = new LinkedHashMap<>();
                action.put("type", "Action.OpenUrl");
                action.put("title", "Show " + Json.bounded(Texts.oneLine(alert.getTenant()), 40));
                action.put("url", alert.getPageUrl());
                links.putIfAbsent(alert.getPageUrl(), action);
            }
        }
        return List.copyOf(links.values());
    }

    @SafeVarargs
    private static Map<String, Object> block(Map<String, Object>... runs) {
        Map<String, Object> block = new LinkedHashMap<>();
        block.put("type", "RichTextBlock");
        block.put("inlines", List.of(runs));
        return block;
    }

    private static Map<String, Object> run(String text, Map<String, String> style) {
        Map<String, Object> run = new LinkedHashMap<>();
        run.put("type", "TextRun");
        run.put("text", text);
        for (String name : List.of("weight", "size", "color")) {
            if (style.containsKey(name)) {
                run.put(name, style.get(name));
            }
        }
        return run;
    }
}
