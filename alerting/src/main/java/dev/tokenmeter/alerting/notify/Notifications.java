package dev.tokenmeter.alerting.notify;

import dev.tokenmeter.alerting.route.Route;
import dev.tokenmeter.schemas.Alert;
import dev.tokenmeter.schemas.AlertGroup;
import dev.tokenmeter.schemas.GroupedAlert;
import dev.tokenmeter.schemas.Notification;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;

/** Makes notifications of groups. */
final class Notifications {
    /** Keeps a notification well below the size that Kafka takes. */
    static final int MOST_ALERTS = 50;

    private Notifications() {}

    /** @param leftOut how many more alerts the group has */
    static Notification of(
            String key, AlertGroup group, Route route, String reason, GroupView view, int leftOut, Instant now) {
        List<Alert> alerts = Stream.concat(view.firing().stream(), view.resolved().stream())
                .map(GroupedAlert::getAlert)
                .toList();
        return Notification.newBuilder()
                .setNotificationId(id(key, group))
                .setReceiver(route.receiver())
                .setGroupKey(key)
                .setGroupLabels(group.getGroupLabels())
                .setReason(reason)
                .setAlerts(alerts)
                .setTruncatedAlerts(leftOut)
                .setCreatedAt(now)
                .setValidUntil(now.plus(route.repeatInterval())
                        .plus(route.groupInterval())
                        .plus(route.groupInterval()))
                .build();
    }

    /** The same for the same step of the same group, whoever makes it. */
    private static String id(String key, AlertGroup group) {
        String step = key + "|" + group.getSince().toEpochMilli() + "|" + group.getSequence();
        return UUID.nameUUIDFromBytes(step.getBytes(StandardCharsets.UTF_8)).toString();
    }
}
