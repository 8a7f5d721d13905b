package dev.tokenmeter.schemas.alert;

import dev.tokenmeter.schemas.AlertSilence;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Which silences can be kept to, and what they say. */
public final class SilenceRules {
    private static final int MOST_MATCHERS = 20;
    private static final Duration LONGEST = Duration.ofDays(366);

    /**
     * What is wrong with a definition.
     *
     * @param field its name
     */
    public record Problem(String field, String found, String allowed) {}

    private SilenceRules() {}

    /**
     * The first problem.
     *
     * @return null for none
     */
    public static Problem problem(AlertSilence silence) {
        if (!silence.getEndsAt().isAfter(silence.getStartsAt())) {
            return new Problem("ends_at", silence.getEndsAt().toString(), "a time after starts_at");
        }
        if (silence.getEndsAt().isAfter(silence.getStartsAt().plus(LONGEST))) {
            return new Problem("ends_at", silence.getEndsAt().toString(), "at most a year after starts_at");
        }
        if (silence.getMatchers().size() > MOST_MATCHERS) {
            return new Problem("matchers", silence.getMatchers().size() + " of them", "up to " + MOST_MATCHERS);
        }
        for (String matcher : silence.getMatchers()) {
            try {
                Matcher.parse(matcher);
            } catch (IllegalArgumentException e) {
                return new Problem("matchers", "'" + matcher + "'", e.getMessage());
            }
        }
        return null;
    }

    /** The conditions of a silence without a problem; that on the tenant first. */
    public static List<Matcher> matchers(AlertSilence silence) {
        List<Matcher> matchers = new ArrayList<>();
        matchers.add(Matcher.equal("tenant", silence.getTenant()));
        silence.getMatchers().forEach(text -> matchers.add(Matcher.parse(text)));
        return matchers;
    }
}
