package dev.tokenmeter.alerting.notify;

import dev.tokenmeter.schemas.Alert;
import dev.tokenmeter.schemas.AlertState;
import dev.tokenmeter.schemas.GroupedAlert;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * What may be said of a group at one moment.
 *
 * @param firing those that fire and are not silenced, oldest first
 * @param resolved those of which it was told that they fire, and that do not any more; not silenced, oldest first
 */
record GroupView(List<GroupedAlert> firing, List<GroupedAlert> resolved) {
    static final String FIRST = "first";
    static final String CHANGED = "changed";
    static final String REPEAT = "repeat";
    static final String RESOLVED = "resolved";

    static GroupView of(List<GroupedAlert> alerts, Predicate<Alert> silenced) {
        List<GroupedAlert> audible = alerts.stream()
                .filter(alert -> !silenced.test(alert.getAlert()))
                .sorted(Comparator.comparing(
                                (GroupedAlert alert) -> alert.getAlert().getStartsAt())
                        .thenComparing(alert -> alert.getAlert().getAlertId()))
                .toList();
        return new GroupView(
                audible.stream().filter(alert -> !isResolved(alert)).toList(),
                audible.stream().filter(GroupView::isResolved).toList());
    }

    /**
     * The part that one notification can hold: first what fires and was not told, then what is over, then the newest of the
     * rest. Each in its order.
     */
    GroupView most(int limit) {
        List<GroupedAlert> rest =
                new ArrayList<>(firing.stream().filter(GroupedAlert::getTold).toList());
        Collections.reverse(rest);
        Set<GroupedAlert> chosen = Collections.newSetFromMap(new IdentityHashMap<>());
        Stream.of(firing.stream().filter(alert -> !alert.getTold()), resolved.stream(), rest.stream())
                .flatMap(alerts -> alerts)
                .limit(limit)
                .forEach(chosen::add);
        return new GroupView(
                firing.stream().filter(chosen::contains).toList(),
                resolved.stream().filter(chosen::contains).toList());
    }

    int size() {
        return firing.size() + resolved.size();
    }

    private static boolean isResolved(GroupedAlert alert) {
        return alert.getAlert().getState() == AlertState.resolved;
    }

    /**
     * Why the receiver should hear of it; empty for no reason.
     *
     * @param notifiedAt when it last did
     * @param repeatBefore when it must have been before, to be said again
     */
    Optional<String> reason(boolean tellResolved, Optional<Instant> notifiedAt, Instant repeatBefore) {
        if (!firing.stream().allMatch(GroupedAlert::getTold)) {
            return Optional.of(notifiedAt.isEmpty() ? FIRST : CHANGED);
        }
        if (tellResolved && !resolved.isEmpty()) {
            return Optional.of(firing.isEmpty() ? RESOLVED : CHANGED);
        }
        boolean longAgo = notifiedAt.isPresent() && !notifiedAt.get().isAfter(repeatBefore);
        return firing.isEmpty() || !longAgo ? Optional.empty() : Optional.of(REPEAT);
    }
}
