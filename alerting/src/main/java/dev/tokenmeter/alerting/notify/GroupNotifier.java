package dev.tokenmeter.alerting.notify;

import dev.tokenmeter.alerting.route.AlertLabels;
import dev.tokenmeter.alerting.route.Route;
import dev.tokenmeter.alerting.route.Routing;
import dev.tokenmeter.alerting.route.Silences;
import dev.tokenmeter.schemas.Alert;
import dev.tokenmeter.schemas.AlertGroup;
import dev.tokenmeter.schemas.AlertState;
import dev.tokenmeter.schemas.GroupedAlert;
import dev.tokenmeter.schemas.Notification;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.ContextualProcessor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;

/**
 * Says when a group of alerts is due, as Alertmanager does: {@code group_wait} after its first alert, then a look each
 * {@code group_interval} whether something fires or is resolved that was not told, or {@code repeat_interval} has passed.
 * Muted and silenced alerts stay; unlike Alertmanager's, those that are resolved meanwhile are told so afterwards, if
 * it was told that they fire.
 *
 * @see <a href="https://prometheus.io/docs/alerting/latest/configuration/#route">Alertmanager's routes</a>
 */
final class GroupNotifier extends ContextualProcessor<String, Alert, String, Notification> {
    private static final Duration TICK = Duration.ofSeconds(1);
    /** A muted group is looked at so often, to be told soon after the quiet hours and not an interval later. */
    private static final Duration MUTED_LOOK = Duration.ofMinutes(1);

    private final Routing routing;
    private final Silences silences;
    private final Set<String> tellResolved;
    private final MeterRegistry meters;
    private GroupStores stores;

    GroupNotifier(Routing routing, Silences silences, Set<String> tellResolved, MeterRegistry meters) {
        this.routing = routing;
        this.silences = silences;
        this.tellResolved = tellResolved;
        this.meters = meters;
    }

    @Override
    public void init(ProcessorContext<String, Notification> context) {
        super.init(context);
        stores = new GroupStores(context);
        context.schedule(TICK, PunctuationType.WALL_CLOCK_TIME, at -> tellWhatIsDue());
    }

    @Override
    public void process(Record<String, Alert> record) {
        String key = record.key();
        Alert alert = record.value();
        Map<String, String> labels = AlertLabels.of(alert);
        Optional<Route> route = routing.taking(labels).stream()
                .filter(taking -> taking.groupKey(labels).equals(key))
                .findFirst();
        if (route.isEmpty()) {
            return; // Sent by the routes of before a restart; those of now sent it too.
        }
        GroupedAlert known = stores.alert(key, alert.getAlertId());
        boolean told = known != null && known.getTold();
        if (alert.getState() != AlertState.resolved) {
            stores.put(key, new GroupedAlert(alert, told));
            if (stores.group(key) == null) {
                stores.put(key, newGroup(route.get(), labels));
            }
        } else if (told) {
            stores.put(key, new GroupedAlert(alert, true));
        } else if (known != null) {
            stores.remove(key, known);
        }
    }

    private AlertGroup newGroup(Route route, Map<String, String> labels) {
        return AlertGroup.newBuilder()
                .setRoute(route.id())
                .setGroupLabels(route.groupLabels(labels))
                .setSince(now())
                .setNextFlush(now().plus(route.groupWait()))
                .build();
    }

    private void tellWhatIsDue() {
        if (!silences.areKnown()) {
            return;
        }
        Instant now = now();
        stores.all().forEach((key, group) -> {
            if (!group.getNextFlush().isAfter(now)) {
                routing.byId(group.getRoute())
                        .ifPresentOrElse(route -> look(key, group, route, now), () -> stores.remove(key));
            }
        });
    }

    private void look(String key, AlertGroup group, Route route, Instant now) {
        if (route.isMuted(now)) {
            Duration next = route.groupInterval().compareTo(MUTED_LOOK) < 0 ? route.groupInterval() : MUTED_LOOK;
            stores.put(
                    key,
                    AlertGroup.newBuilder(group).setNextFlush(now.plus(next)).build());
            return;
        }
        leaveToOthers(key, now);
        GroupView view = GroupView.of(stores.alerts(key), alert -> silences.mute(AlertLabels.of(alert), now));
        AlertGroup.Builder after = AlertGroup.newBuilder(group).setNextFlush(now.plus(route.groupInterval()));
        Optional<String> reason = view.reason(
                tellResolved.contains(route.receiver()),
                Optional.ofNullable(group.getNotifiedAt()),
                now.minus(route.repeatInterval()));
        GroupView told = view.most(Notifications.MOST_ALERTS);
        if (reason.isPresent()) {
            int leftOut = view.size() - told.size();
            tell(Notifications.of(key, group, route, reason.get(), told, leftOut, now));
            after.setNotifiedAt(now).setSequence(group.getSequence() + 1);
            told.firing().forEach(alert -> stores.put(key, new GroupedAlert(alert.getAlert(), true)));
        }
        // What found no place in the notification is told at the next look.
        boolean waits = reason.isPresent() && tellResolved.contains(route.receiver());
        (waits ? told : view).resolved().forEach(alert -> stores.remove(key, alert));
        if (stores.alerts(key).isEmpty()) {
            stores.remove(key);
        } else {
            stores.put(key, after.build());
        }
    }

    /** The routes may be others since: what belongs to another group now is over for this one. */
    private void leaveToOthers(String key, Instant now) {
        for (GroupedAlert known : stores.alerts(key)) {
            Alert alert = known.getAlert();
            Map<String, String> labels = AlertLabels.of(alert);
            boolean mine = routing.taking(labels).stream()
                    .anyMatch(route -> route.groupKey(labels).equals(key));
            if (mine || alert.getState() == AlertState.resolved) {
                continue;
            }
            if (known.getTold()) {
                stores.put(
                        key,
                        new GroupedAlert(
                                Alert.newBuilder(alert)
                                        .setState(AlertState.resolved)
                                        .setUpdatedAt(now)
                                        .build(),
                                true));
            } else {
                stores.remove(key, known);
            }
        }
    }

    private void tell(Notification notification) {
        context()
                .forward(new Record<>(
                        notification.getReceiver(),
                        notification,
                        notification.getCreatedAt().toEpochMilli()));
        Counter.builder("tokenmeter.alerting.notifications.due")
                .description("Notifications written for a receiver")
                .tag("receiver", notification.getReceiver())
                .tag("reason", notification.getReason())
                .register(meters)
                .increment();
    }

    private Instant now() {
        return Instant.ofEpochMilli(context().currentSystemTimeMs()).truncatedTo(ChronoUnit.MILLIS);
    }
}
