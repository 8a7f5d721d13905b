package dev.tokenmeter.alerting.route;

import dev.tokenmeter.schemas.alert.Matcher;
import dev.tokenmeter.service.SettingException;
import dev.tokenmeter.service.Settings;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** The tree of routes of the settings, {@code alerting.route}; without one, nobody is told. Immutable. */
public final class Routing {
    private static final String ROUTE = "alerting.route";
    private static final String TIMES = "alerting.time-intervals";

    private final Route root;
    private final Map<String, Route> byId = new HashMap<>();

    private Routing(Route root) {
        this.root = root;
        if (root != null) {
            remember(root);
        }
    }

    private void remember(Route route) {
        byId.put(route.id(), route);
        route.routes().forEach(this::remember);
    }

    /**
     * Reads and checks it.
     *
     * @param receivers the names of those that there are; a single one needs no route
     */
    public static Routing from(Settings settings, Set<String> receivers) {
        Map<String, TimeInterval> times = new TreeMap<>();
        for (String name : settings.names(TIMES)) {
            times.put(name, TimeInterval.from(settings, name, TIMES + "." + name));
        }
        Reader reader = new Reader(settings, receivers, times);
        if (receivers.isEmpty()) {
            settings.optional(ROUTE + ".receiver").ifPresent(name -> reader.receiver(ROUTE, null));
            return new Routing(null);
        }
        String only = receivers.size() == 1 ? receivers.iterator().next() : null;
        Route defaults = new Route(
                "",
                only,
                List.of(),
                List.of("tenant", "kind"),
                Duration.ofSeconds(30),
                Duration.ofMinutes(5),
                Duration.ofHours(4),
                List.of(),
                List.of(),
                false,
                List.of());
        if (!settings.list(ROUTE + ".matchers").isEmpty()) {
            throw new SettingException(ROUTE + ".matchers", "set", "none, as the first route takes every alert");
        }
        return new Routing(reader.route(ROUTE, defaults, new TreeSet<>()));
    }

    /** Whether anybody is ever told. */
    public boolean isEmpty() {
        return root == null;
    }

    /** The routes that take an alert. */
    public List<Route> taking(Map<String, String> labels) {
        return root == null ? List.of() : root.taking(labels);
    }

    /** The route by its id, as long as the settings have it. */
    public Optional<Route> byId(String id) {
        return Optional.ofNullable(byId.get(id));
    }

    private record Reader(Settings settings, Set<String> receivers, Map<String, TimeInterval> times) {
        Route route(String key, Route parent, Set<String> ids) {
            String receiver = receiver(key, parent.receiver());
            List<Matcher> matchers = Routing.matchers(settings, key + ".matchers");
            String path = (parent.id().isEmpty() ? "" : parent.id() + "/") + receiver + matchers;
            String id = path.replace("[", "{").replace("]", "}");
            for (int copy = 2; !ids.add(id); copy++) {
                id = path.replace("[", "{").replace("]", "}") + "#" + copy;
            }
            List<String> groupBy = settings.list(key + ".group-by");
            Route own = new Route(
                    id,
                    receiver,
                    matchers,
                    groupBy.isEmpty() ? parent.groupBy() : List.copyOf(groupBy),
                    settings.duration(key + ".group-wait", parent.groupWait()),
                    positive(key + ".group-interval", parent.groupInterval()),
                    positive(key + ".repeat-interval", parent.repeatInterval()),
                    intervals(key + ".mute-time-intervals"),
                    intervals(key + ".active-time-intervals"),
                    settings.bool(key + ".continue", false),
                    List.of());
            List<Route> below = new ArrayList<>();
            for (String entry : settings.entries(key + ".routes")) {
                below.add(route(entry, own, ids));
            }
            return new Route(
                    own.id(),
                    own.receiver(),
                    own.matchers(),
                    own.groupBy(),
                    own.groupWait(),
                    own.groupInterval(),
                    own.repeatInterval(),
                    own.muteTimes(),
                    own.activeTimes(),
                    own.goOn(),
                    List.copyOf(below));
        }

        private Duration positive(String key, Duration byDefault) {
            Duration found = settings.duration(key, byDefault);
            if (found.toSeconds() < 1) {
                throw new SettingException(key, "found " + found, "at least 1s");
            }
            return found;
        }

        String receiver(String key, String inherited) {
            String name = settings.optional(key + ".receiver").orElse(inherited);
            if (name == null || !receivers.contains(name)) {
                String found = name == null ? "not set" : "found '" + name + "'";
                String allowed =
                        receivers.isEmpty() ? "a receiver, under alerting.receivers" : String.join(", ", receivers);
                throw new SettingException(key + ".receiver", found, allowed);
            }
            return name;
        }

        private List<TimeInterval> intervals(String key) {
            List<TimeInterval> found = new ArrayList<>();
            for (String name : settings.list(key)) {
                TimeInterval interval = times.get(name.strip());
                if (interval == null) {
                    throw new SettingException(
                            key,
                            "found '" + name + "'",
                            "names below " + TIMES + ": " + String.join(", ", times.keySet()));
                }
                found.add(interval);
            }
            return List.copyOf(found);
        }
    }

    /** Reads a list of matchers. */
    static List<Matcher> matchers(Settings settings, String key) {
        List<Matcher> matchers = new ArrayList<>();
        for (String text : settings.list(key)) {
            try {
                matchers.add(Matcher.parse(text));
            } catch (IllegalArgumentException e) {
                throw new SettingException(key, "found '" + text + "'", e.getMessage());
            }
        }
        return List.copyOf(matchers);
    }
}
