package dev.tokenmeter.alerting.channel;

import dev.tokenmeter.schemas.Alert;
import dev.tokenmeter.schemas.Notification;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;

/** What several channels say of a notification. */
final class Facts {
    private static final List<String> SEVERITIES = List.of("info", "warning", "critical");

    private Facts() {}

    /** The same for all notifications of a group, and short: by this, incident systems know it again. */
    static String groupId(Notification notification) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256")
                    .digest((notification.getReceiver() + "|" + notification.getGroupKey())
                            .getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(hash);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    /** The worst of what fires, else of all. */
    static String severity(Notification notification) {
        boolean resolved = Texts.isResolved(notification);
        int worst = notification.getAlerts().stream()
                .filter(alert -> resolved || !Texts.isResolved(alert))
                .mapToInt(alert -> Math.max(0, SEVERITIES.indexOf(alert.getSeverity())))
                .max()
                .orElse(1);
        return SEVERITIES.get(worst);
    }

    /** "Firing, critical", "Resolved". */
    static String state(Alert alert) {
        return Texts.isResolved(alert)
                ? "Resolved"
                : "Firing, " + alert.getSeverity().toLowerCase(Locale.ROOT);
    }

    /** "and 12 more"; empty for none. */
    static String more(Notification notification, int shown) {
        int more = notification.getAlerts().size()
                - Math.min(shown, notification.getAlerts().size())
                + notification.getTruncatedAlerts();
        return more == 0 ? "" : "and " + more + " more";
    }

    static List<Alert> first(Notification notification, int most) {
        List<Alert> alerts = notification.getAlerts();
        return alerts.subList(0, Math.min(alerts.size(), most));
    }
}
