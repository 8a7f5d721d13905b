package dev.tokenmeter.gateway.proxy;

import dev.tokenmeter.gateway.upstream.RetryConfig;
import io.vertx.core.MultiMap;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;

/**
 * What kept an attempt from being answered well.
 *
 * @param reason one of {@link RetryConfig}'s words, or a status; null for what is never tried again
 * @param retryAfterMs how long the provider asks to be left alone, ms; 0 when it does not say
 * @param elsewhereOnly whether the same address would only say it again
 */
record Setback(String reason, long retryAfterMs, boolean elsewhereOnly) {
    /** It cannot be known what the provider has done with the request, or it is the client's own doing. */
    static final Setback FINAL = new Setback(null, 0, false);

    static final Setback CONNECT = new Setback(RetryConfig.CONNECT, 0, false);
    static final Setback BUSY = new Setback(RetryConfig.CONNECT, 0, true);
    static final Setback REFUSED = new Setback(RetryConfig.REFUSED, 0, false);
    static final Setback TIMEOUT = new Setback(RetryConfig.TIMEOUT, 0, false);

    /** An answer that is an error. */
    static Setback answer(int status, MultiMap headers) {
        return new Setback(Integer.toString(status), retryAfterMs(headers), false);
    }

    /**
     * OpenAI's {@code retry-after-ms}, or else {@code retry-after} in seconds or as a date.
     *
     * @see <a href="https://www.rfc-editor.org/rfc/rfc9110#section-10.2.3">RFC 9110, 10.2.3</a>
     */
    private static long retryAfterMs(MultiMap headers) {
        String millis = headers.get("retry-after-ms");
        String after = headers.get("retry-after");
        try {
            if (millis != null) {
                return Math.max(0, (long) Double.parseDouble(millis));
            }
            if (after == null) {
                return 0;
            }
            if (after.matches("[0-9.]{1,12}")) {
                return (long) (Double.parseDouble(after) * 1000);
            }
            Instant until = ZonedDateTime.parse(after, DateTimeFormatter.RFC_1123_DATE_TIME)
                    .toInstant();
            return Math.max(0, Duration.between(Instant.now(), until).toMillis());
        } catch (NumberFormatException | DateTimeException e) {
            return 0;
        }
    }
}
