package dev.tokenmeter.gateway.observe;

import dev.tokenmeter.schemas.UsageEvent;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Keeps the number of models in metrics bounded: those for which a provider answered are told apart, up to a bound; callers
 * choose the names of the others, which are all {@code other}. Thread-safe.
 */
final class ModelNames {
    private static final String OTHER = "other";
    private static final String NONE = "";

    /**
     * The models of a call.
     *
     * @param requested as asked for
     * @param answered as the answer names it; empty when none did
     */
    record Pair(String requested, String answered) {}

    private final int max;
    private final Map<Pair, Pair> answered = new ConcurrentHashMap<>();
    private final Set<String> requested = ConcurrentHashMap.newKeySet();

    ModelNames(int max) {
        this.max = max;
    }

    Pair of(UsageEvent event) {
        String asked = event.getRequestedModel() == null ? NONE : event.getRequestedModel();
        boolean wasAnswered = event.getHttpStatus() != null && event.getHttpStatus() < 300;
        if (!wasAnswered) {
            return new Pair(requested.contains(asked) || asked.isEmpty() ? asked : OTHER, NONE);
        }
        Pair pair = new Pair(asked, event.getModel());
        Pair known = answered.get(pair);
        if (known != null) {
            return known;
        }
        if (answered.size() >= max) {
            return new Pair(OTHER, OTHER);
        }
        answered.put(pair, pair);
        requested.add(asked);
        return pair;
    }
}
