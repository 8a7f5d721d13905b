package dev.tokenmeter.queryapi.http;

import dev.tokenmeter.queryapi.problem.Problem;
import io.vertx.core.MultiMap;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** The parameters of a request's query. Each accessor fails with a problem that names the parameter. Immutable. */
public final class Parameters {
    private static final int MAX_LENGTH = 1_000;
    private static final String TIME = "an ISO 8601 time such as 2026-11-01T00:00:00Z, or a date such as 2026-11-01";

    private final Map<String, String> values;

    private Parameters(Map<String, String> values) {
        this.values = values;
    }

    /**
     * @param allowed names; one that ends in {@code .*} stands for all that begin so
     * @throws Problem.Exception if another is given, one is given twice or one is too long
     */
    static Parameters of(MultiMap query, Set<String> allowed) {
        Map<String, String> values = new LinkedHashMap<>();
        for (Map.Entry<String, String> parameter : query) {
            String name = parameter.getKey();
            if (!isAllowed(name, allowed)) {
                String known = allowed.isEmpty() ? "no parameters" : String.join(", ", new TreeSet<>(allowed));
                throw Problem.badParameter(name, "no such parameter", known);
            }
            if (parameter.getValue().length() > MAX_LENGTH) {
                throw Problem.badParameter(name, "too long", "up to " + MAX_LENGTH + " characters");
            }
            if (values.put(name, parameter.getValue()) != null) {
                throw Problem.badParameter(name, "given more than once", "one value");
            }
        }
        return new Parameters(values);
    }

    private static boolean isAllowed(String name, Set<String> allowed) {
        return allowed.contains(name)
                || allowed.stream()
                        .filter(pattern -> pattern.endsWith(".*"))
                        .map(pattern -> pattern.substring(0, pattern.length() - 1))
                        .anyMatch(prefix -> name.startsWith(prefix) && name.length() > prefix.length());
    }

    /** The value, if one is given and not empty. */
    public Optional<String> text(String name) {
        return Optional.ofNullable(values.get(name)).filter(value -> !value.isEmpty());
    }

    /** Comma-separated values; the default where none is given. */
    public List<String> list(String name, List<String> byDefault) {
        return text(name).map(value -> Arrays.asList(value.split(",", -1))).orElse(byDefault);
    }

    /** The parameters whose names begin so, by the rest of their names; empty values count. */
    public Map<String, String> startingWith(String prefix) {
        Map<String, String> found = new LinkedHashMap<>();
        values.forEach((name, value) -> {
            if (name.startsWith(prefix)) {
                found.put(name.substring(prefix.length()), value);
            }
        });
        return found;
    }

    /** A time, or the first instant of a UTC day. */
    public Instant time(String name, Instant byDefault) {
        return text(name).map(value -> parseTime(name, value)).orElse(byDefault);
    }

    private static Instant parseTime(String name, String value) {
        try {
            Instant time = value.indexOf('T') < 0
                    ? LocalDate.parse(value).atStartOfDay(ZoneOffset.UTC).toInstant()
                    : OffsetDateTime.parse(value).toInstant();
            int year = time.atZone(ZoneOffset.UTC).getYear();
            if (year >= 1970 && year < 2200) {
                return time;
            }
        } catch (DateTimeParseException e) {
            throw Problem.badParameter(name, "found '" + value + "'", TIME);
        }
        throw Problem.badParameter(name, "found '" + value + "'", TIME + ", from 1970 to 2199");
    }

    /** A whole number within bounds, both inclusive. */
    public int integer(String name, int byDefault, int min, int max) {
        return text(name).map(value -> parseInteger(name, value, min, max)).orElse(byDefault);
    }

    private static int parseInteger(String name, String value, int min, int max) {
        String allowed = "a whole number from " + min + " to " + max;
        try {
            int number = Integer.parseInt(value);
            if (number >= min && number <= max) {
                return number;
            }
        } catch (NumberFormatException e) {
            throw Problem.badParameter(name, "found '" + value + "'", allowed);
        }
        throw Problem.badParameter(name, "found " + value, allowed);
    }
}
