package dev.tokenmeter.alerting.route;

import dev.tokenmeter.schemas.alert.Matcher;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * A node of the tree of routes.
 *
 * @param id its receivers and matchers from the root on: another place in the file is the same route, other matchers are not
 * @param receiver who is told
 * @param matchers all of which an alert must fulfil
 * @param groupBy labels whose values tell groups apart; {@code ...} for every alert by itself
 * @param groupWait from a group's first alert to its first notification, so that what belongs together comes together
 * @param groupInterval between two looks at a group that was notified
 * @param repeatInterval how long nothing new is said before what still fires is said again
 * @param muteTimes when nobody is told
 * @param activeTimes when somebody is told; empty for always
 * @param goOn whether routes after this one are asked too
 * @param routes asked in order before this one takes the alert itself
 */
public record Route(
        String id,
        String receiver,
        List<Matcher> matchers,
        List<String> groupBy,
        Duration groupWait,
        Duration groupInterval,
        Duration repeatInterval,
        List<TimeInterval> muteTimes,
        List<TimeInterval> activeTimes,
        boolean goOn,
        List<Route> routes) {
    private static final String EACH = "...";

    /** The routes that take an alert: the deepest that match, one unless {@code continue} says otherwise. */
    List<Route> taking(Map<String, String> labels) {
        if (!matchers.stream().allMatch(matcher -> matcher.matches(labels))) {
            return List.of();
        }
        List<Route> taking = new ArrayList<>();
        for (Route route : routes) {
            List<Route> below = route.taking(labels);
            taking.addAll(below);
            if (!below.isEmpty() && !route.goOn) {
                break;
            }
        }
        return taking.isEmpty() ? List.of(this) : taking;
    }

    /** The labels that an alert shares with its group. */
    public Map<String, String> groupLabels(Map<String, String> labels) {
        Map<String, String> shared = new TreeMap<>(labels);
        if (!groupBy.contains(EACH)) {
            shared.keySet().retainAll(groupBy);
        }
        return shared;
    }

    /** The group of an alert, e.g. {@code ops{}/pager{severity="critical"}:{tenant="acme"}}. */
    public String groupKey(Map<String, String> labels) {
        return id
                + groupLabels(labels).entrySet().stream()
                        .map(label -> label.getKey() + "=\"" + label.getValue().replace("\"", "\\\"") + '"')
                        .collect(Collectors.joining(",", ":{", "}"));
    }

    /** Whether nobody is told now. */
    public boolean isMuted(Instant now) {
        return muteTimes.stream().anyMatch(times -> times.contains(now))
                || (!activeTimes.isEmpty() && activeTimes.stream().noneMatch(times -> times.contains(now)));
    }
}
