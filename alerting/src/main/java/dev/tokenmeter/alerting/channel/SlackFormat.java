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
 * Slack's incoming webhooks. In mrkdwn {@code &}, {@code <} and {@code >} are escaped, so that no name can mention a channel
 * or make a link, and {@code verbatim} keeps bare addresses from becoming one.
 *
 * @see <a href="https://api.slack.com/messaging/webhooks">Incoming webhooks</a>
 * @see <a href="https://api.slack.com/reference/surfaces/formatting#escaping">Escaping</a>
 * @see <a href="https://api.slack.com/reference/block-kit/blocks">Blocks and their bounds</a>
 */
final class SlackFormat implements HttpFormat {
    /** Of the 50 blocks that a message may have. */
    private static final int MOST_ALERTS = 40;

    private static final int MOST_HEADER = 150;
    private static final int MOST_SECTION = 3000;
    private static final int MOST_LINK = 1000;

    private final URI url;
    private final Texts plain;
    private final Texts escaped;

    SlackFormat(URI url, Texts plain, Texts escaped) {
        this.url = url;
        this.plain = plain;
        this.escaped = escaped;
    }

    static SlackFormat from(Settings settings, String prefix) {
        return new SlackFormat(
                Secret.url(settings, prefix + "url"),
                Texts.plain(settings, prefix),
                Texts.escaped(settings, prefix, SlackFormat::escape));
    }

    static String escape(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
    }

    @Override
    public Post post(Notification notification) {
        List<Map<String, Object>> blocks = new ArrayList<>();
        String title = Json.bounded(plain.title(notification), MOST_HEADER);
        blocks.add(block("header", text("plain_text", title, "emoji", false)));
        for (Alert alert : Facts.first(notification, MOST_ALERTS)) {
            blocks.add(block("section", mrkdwn(section(alert))));
        }
        String more = Facts.more(notification, MOST_ALERTS);
        if (!more.isEmpty()) {
            blocks.add(block("section", mrkdwn(more)));
        }
        Map<String, Object> message = new LinkedHashMap<>();
        message.put("text", escaped.title(notification));
        message.put("blocks", blocks);
        return Post.toSecret(url, Map.of(), Json.bytes(message));
    }

    private String section(Alert alert) {
        String link = alert.getPageUrl() == null || alert.getPageUrl().length() > MOST_LINK
                ? ""
                : "\n<" + escape(alert.getPageUrl()) + "|Show>";
        String text = "*" + escape(Facts.state(alert)) + "*\n" + escaped.text(alert);
        return Json.bounded(text, MOST_SECTION - link.length()) + link;
    }

    private static Map<String, Object> mrkdwn(String text) {
        return text("mrkdwn", text, "verbatim", true);
    }

    private static Map<String, Object> text(String type, String text, String option, boolean value) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("type", type);
        json.put("text", text);
        json.put(option, value);
        return json;
    }

    private static Map<String, Object> block(String type, Map<String, Object> text) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("type", type);
        json.put("text", text);
        return json;
    }
}
