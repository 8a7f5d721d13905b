package dev.tokenmeter.alerting.route;

import dev.tokenmeter.schemas.alert.Matcher;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * Alerts of which nobody is told for a time.
 *
 * @param matchers all of which an alert must fulfil; at least one
 * @param startsAt inclusive
 * @param endsAt exclusive
 */
public record Silence(List<Matcher> matchers, Instant startsAt, Instant endsAt) {
    /** Whether it is in force and speaks of such an alert. */
    public boolean mutes(Map<String, String> labels, Instant now) {
        return !now.isBefore(startsAt)
                && now.isBefore(endsAt)
                && matchers.stream().allMatch(matcher -> matcher.matches(labels));
    }
}
