package dev.tokenmeter.alerting.channel;

import com.samskivert.mustache.Mustache;
import com.samskivert.mustache.MustacheException;
import com.samskivert.mustache.Template;
import dev.tokenmeter.schemas.Alert;
import dev.tokenmeter.schemas.AlertState;
import dev.tokenmeter.schemas.Notification;
import dev.tokenmeter.service.SettingException;
import dev.tokenmeter.service.Settings;
import java.math.BigDecimal;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The words of messages: a title for each, and one text for each alert. Both are Mustache templates, so that an operator can
 * say it differently; what is put into them is escaped for where it will stand. Thread-safe.
 *
 * @see <a href="https://mustache.github.io/mustache.5.html">Mustache</a>
 */
final class Texts {
    static final String TITLE = "{{#test}}Test: {{/test}}{{#one}}{{state}}: {{kind}}, tenant {{tenant}}{{/one}}"
            + "{{^one}}{{firing_count}} firing{{#resolved_count}}, {{resolved_count}} resolved{{/resolved_count}}{{/one}}";
    static final String ALERT = "{{summary}}";
    static final String TEST = "test";

    private final Template title;
    private final Template alert;

    private Texts(Template title, Template alert) {
        this.title = title;
        this.alert = alert;
    }

    /** Reads {@code title} and {@code text}; nothing is escaped. */
    static Texts plain(Settings settings, String prefix) {
        return escaped(settings, prefix, text -> text);
    }

    /** Reads {@code title} and {@code text}. */
    static Texts escaped(Settings settings, String prefix, Mustache.Escaper escaper) {
        Mustache.Compiler compiler = Mustache.compiler()
                .withEscaper(value -> escaper.escape(oneLine(value)))
                .defaultValue("")
                .zeroIsFalse(true)
                .emptyStringIsFalse(true);
        return new Texts(
                template(settings, prefix + "title", TITLE, compiler),
                template(settings, prefix + "text", ALERT, compiler));
    }

    private static Template template(Settings settings, String key, String byDefault, Mustache.Compiler compiler) {
        try {
            return compiler.compile(settings.string(key, byDefault));
        } catch (MustacheException e) {
            throw new SettingException(key, "no template (" + e.getMessage() + ")", "Mustache, such as {{summary}}");
        }
    }

    String title(Notification notification) {
        List<Alert> alerts = notification.getAlerts();
        long resolved = alerts.stream().filter(Texts::isResolved).count();
        Map<String, Object> values = new HashMap<>();
        values.put("test", notification.getReason().equals(TEST));
        values.put("receiver", notification.getReceiver());
        values.put("reason", notification.getReason());
        values.put("group_labels", names(notification.getGroupLabels()));
        values.put("firing_count", alerts.size() - resolved + notification.getTruncatedAlerts());
        values.put("resolved_count", resolved);
        values.put("alerts", alerts.stream().map(Texts::values).toList());
        values.put("one", alerts.size() == 1 ? values(alerts.get(0)) : false);
        return title.execute(values);
    }

    String text(Alert of) {
        return alert.execute(values(of));
    }

    private static Map<String, Object> values(Alert alert) {
        Map<String, Object> values = new HashMap<>();
        values.put("alert_id", alert.getAlertId());
        values.put("state", isResolved(alert) ? "Resolved" : "Firing");
        values.put("resolved", isResolved(alert));
        values.put("kind", alert.getKind().replace('_', ' '));
        values.put("severity", alert.getSeverity());
        values.put("tenant", alert.getTenant());
        values.put("summary", alert.getSummary());
        values.put("labels", names(alert.getLabels()));
        values.put("observed_usd", plain(alert.getObservedUsd()));
        values.put("limit_usd", plain(alert.getLimitUsd()));
        values.put("page_url", alert.getPageUrl() == null ? "" : alert.getPageUrl());
        values.put("starts_at", alert.getStartsAt().toString());
        values.put("updated_at", alert.getUpdatedAt().toString());
        return values;
    }

    /** A dot in a Mustache name leads into an object, so labels are named {@code tag_team} there. */
    private static Map<String, String> names(Map<String, String> labels) {
        Map<String, String> names = new HashMap<>();
        labels.forEach((name, value) -> names.put(name.replace('.', '_'), value));
        return names;
    }

    /** No name can pretend to be another line of the message. */
    static String oneLine(String value) {
        return value.replaceAll("[\\p{Cntrl}\\u2028\\u2029]+", " ").strip();
    }

    static String plain(BigDecimal amount) {
        return amount == null ? "" : amount.stripTrailingZeros().toPlainString();
    }

    static boolean isResolved(Alert alert) {
        return alert.getState() == AlertState.resolved;
    }

    /** What a notification says as a whole: whether anything fires. */
    static boolean isResolved(Notification notification) {
        return notification.getAlerts().stream().allMatch(Texts::isResolved);
    }
}
