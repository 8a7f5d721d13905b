package dev.tokenmeter.queryapi.grafana;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tokenmeter.queryapi.problem.Problem;
import dev.tokenmeter.storage.query.TimeRange;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** A body as Grafana sends it. It holds much that is not for us, so what is not known is not refused here. */
final class GrafanaBody {
    private static final int MAX_TEXT = 1_000;
    private static final Duration DEFAULT_RANGE = Duration.ofDays(30);

    private GrafanaBody() {}

    /**
     * The range of the dashboard, on whole hours, which rollups can answer: from the start of the hour in which it begins to the
     * end of the one in which it ends. The last 30 days where there is none.
     */
    static TimeRange range(JsonNode body, Instant now) {
        JsonNode range = body.path("range");
        Instant until = time(range, "to", now);
        Instant from = time(range, "from", until.minus(DEFAULT_RANGE));
        if (until.isBefore(from)) {
            throw Problem.badParameter("range.to", "found " + until, "a time not before range.from (" + from + ")");
        }
        Instant hour = until.truncatedTo(ChronoUnit.HOURS);
        return new TimeRange(
                from.truncatedTo(ChronoUnit.HOURS), hour.equals(until) ? hour : hour.plus(1, ChronoUnit.HOURS));
    }

    private static Instant time(JsonNode range, String name, Instant byDefault) {
        return text(range, name, "range." + name)
                .map(value -> {
                    try {
                        Instant time = OffsetDateTime.parse(value).toInstant();
                        if (time.isAfter(Instant.EPOCH) && time.isBefore(Instant.parse("2200-01-01T00:00:00Z"))) {
                            return time;
                        }
                    } catch (DateTimeParseException e) {
                        throw badTime(name, value);
                    }
                    throw badTime(name, value);
                })
                .orElse(byDefault);
    }

    private static Problem.Exception badTime(String name, String value) {
        return Problem.badParameter("range." + name, "found '" + value + "'", "an ISO 8601 time from 1970 to 2199");
    }

    /** A text that is not empty, if there is one. */
    static Optional<String> text(JsonNode object, String name, String parameter) {
        JsonNode node = object.path(name);
        if (node.isMissingNode() || node.isNull()) {
            return Optional.empty();
        }
        if (!node.isValueNode() || node.asText().length() > MAX_TEXT) {
            throw Problem.badParameter(
                    parameter, "found " + node.getNodeType(), "a text of up to " + MAX_TEXT + " characters");
        }
        return Optional.of(node.asText()).filter(value -> !value.isBlank());
    }

    /** An array of texts, or one text with commas. */
    static List<String> texts(JsonNode object, String name, String parameter) {
        JsonNode node = object.path(name);
        List<String> texts = new ArrayList<>();
        if (node.isArray()) {
            for (int i = 0; i < node.size(); i++) {
                texts.add(node.get(i).asText());
            }
        } else {
            text(object, name, parameter).ifPresent(all -> texts.addAll(Arrays.asList(all.split(","))));
        }
        return texts.stream().map(String::strip).filter(text -> !text.isEmpty()).toList();
    }
}
