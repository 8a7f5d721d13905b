package dev.tokenmeter.gateway.limit;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Limits as answers tell them.
 *
 * @see <a href="https://platform.openai.com/docs/guides/rate-limits#rate-limits-in-headers">OpenAI</a>
 * @see <a href="https://docs.anthropic.com/en/api/rate-limits#response-headers">Anthropic</a>
 */
public final class LimitHeaders {
    private static final int SECONDS_PER_MINUTE = 60;

    private LimitHeaders() {}

    /** As OpenAI says it: {@code x-ratelimit-*}. */
    public static Map<String, String> openAi(List<Level> levels) {
        Map<String, String> headers = new LinkedHashMap<>();
        for (Level level : levels) {
            String kind = name(level);
            headers.put("x-ratelimit-limit-" + kind, Long.toString(level.limit()));
            headers.put("x-ratelimit-remaining-" + kind, Long.toString(level.remaining()));
            headers.put("x-ratelimit-reset-" + kind, goDuration(level.untilFull()));
        }
        return headers;
    }

    /** As Anthropic says it: {@code anthropic-ratelimit-*}. */
    public static Map<String, String> anthropic(List<Level> levels, Instant now) {
        Map<String, String> headers = new LinkedHashMap<>();
        for (Level level : levels) {
            String prefix = "anthropic-ratelimit-" + name(level) + "-";
            Instant reset = now.plus(Duration.ofSeconds(wholeSeconds(level.untilFull())));
            headers.put(prefix + "limit", Long.toString(level.limit()));
            headers.put(prefix + "remaining", Long.toString(level.remaining()));
            headers.put(prefix + "reset", reset.truncatedTo(ChronoUnit.SECONDS).toString());
        }
        return headers;
    }

    private static String name(Level level) {
        return level.kind().name().toLowerCase(Locale.ROOT);
    }

    /** As Go writes durations: 850ms, 1s, 6m0s. */
    private static String goDuration(Duration duration) {
        if (duration.compareTo(Duration.ofSeconds(1)) < 0) {
            return duration.toMillis() + "ms";
        }
        long seconds = wholeSeconds(duration);
        return seconds < SECONDS_PER_MINUTE
                ? seconds + "s"
                : seconds / SECONDS_PER_MINUTE + "m" + seconds % SECONDS_PER_MINUTE + "s";
    }

    /** Rounded up, so that whoever waits so long does not come too early. */
    public static long wholeSeconds(Duration duration) {
        return duration.plusNanos(999_999_999).toSeconds();
    }
}
