package dev.tokenmeter.queryapi.control;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tokenmeter.queryapi.problem.Problem;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** The fields of a request's body. Each accessor fails with a problem that names the field. */
public final class Body {
    private static final int MAX_TEXT = 200;
    private static final int MAX_ENTRIES = 50;
    private static final int MIN_YEAR = 1970;
    private static final int MAX_YEAR = 2199;

    private final JsonNode json;

    /** @throws Problem.Exception if there is a field that nobody reads: a misspelt one must not be ignored */
    public Body(JsonNode json, Set<String> allowed) {
        this.json = json;
        json.fieldNames().forEachRemaining(name -> {
            if (!allowed.contains(name)) {
                throw Problem.badParameter(name, "no such field", String.join(", ", new TreeSet<>(allowed)));
            }
        });
    }

    /** Whether it is given, and not null. */
    boolean has(String name) {
        return field(name).isPresent();
    }

    private Optional<JsonNode> field(String name) {
        return Optional.ofNullable(json.get(name)).filter(node -> !node.isNull());
    }

    /** Whether the body names the field at all, be it with null. */
    void ifNamed(String name, Runnable then) {
        if (json.has(name)) {
            then.run();
        }
    }

    public Optional<String> text(String name) {
        return field(name).map(node -> text(name, node));
    }

    private static String text(String field, JsonNode node) {
        String value = node.isTextual() ? node.textValue().strip() : "";
        if (value.isEmpty() || value.length() > MAX_TEXT) {
            throw Problem.badParameter(
                    field, "found " + node.getNodeType(), "a text of 1 to " + MAX_TEXT + " characters");
        }
        return value;
    }

    public String requiredText(String name) {
        return text(name).orElseThrow(() -> Problem.badParameter(name, "not given", "a text"));
    }

    /** More than zero, at most twelve decimals. */
    BigDecimal amount(String name) {
        JsonNode node = field(name).orElseThrow(() -> badAmount(name, "not given"));
        if (!node.isTextual() || !node.textValue().matches("[0-9]{1,18}(\\.[0-9]{1,12})?")) {
            throw badAmount(name, "found " + shown(node));
        }
        BigDecimal amount = new BigDecimal(node.textValue());
        if (amount.signum() == 0) {
            throw badAmount(name, "found 0");
        }
        return amount;
    }

    private static RuntimeException badAmount(String name, String found) {
        return Problem.badParameter(
                name, found, "US dollars as a decimal string such as \"100\" or \"12.50\", more than 0");
    }

    private static String shown(JsonNode node) {
        String text = node.toString();
        return text.substring(0, Math.min(text.length(), 40));
    }

    public boolean flag(String name, boolean byDefault) {
        return field(name)
                .map(node -> {
                    if (!node.isBoolean()) {
                        throw Problem.badParameter(name, "found " + shown(node), "true or false");
                    }
                    return node.booleanValue();
                })
                .orElse(byDefault);
    }

    boolean requiredFlag(String name) {
        if (!has(name)) {
            throw Problem.badParameter(name, "found null", "true or false");
        }
        return flag(name, false);
    }

    /** A whole number within bounds, both inclusive. */
    Optional<Long> number(String name, long min, long max) {
        return field(name).map(node -> {
            boolean whole = node.isIntegralNumber() && node.canConvertToLong();
            if (!whole || node.longValue() < min || node.longValue() > max) {
                throw Problem.badParameter(
                        name, "found " + shown(node), "a whole number from " + min + " to " + max + ", or null");
            }
            return node.longValue();
        });
    }

    /** Any number. */
    Optional<Double> decimal(String name) {
        return field(name).map(node -> {
            if (!node.isNumber()) {
                throw Problem.badParameter(name, "found " + shown(node), "a number");
            }
            return node.doubleValue();
        });
    }

    /** Texts that match a pattern, each once; none where the field is null. */
    List<String> names(String name, String pattern, String allowed) {
        Set<String> names = new LinkedHashSet<>();
        field(name).ifPresent(node -> {
            if (!node.isArray() || node.size() > MAX_ENTRIES) {
                throw Problem.badParameter(
                        name, "found " + shown(node), "a list of up to " + MAX_ENTRIES + ": " + allowed);
            }
            node.forEach(one -> {
                if (!one.isTextual() || !one.textValue().matches(pattern)) {
                    throw Problem.badParameter(name, "found " + shown(one), allowed);
                }
                names.add(one.textValue());
            });
        });
        return new ArrayList<>(names);
    }

    List<Integer> percentages(String name, List<Integer> byDefault) {
        return field(name).map(node -> percentages(name, node)).orElse(byDefault);
    }

    private static List<Integer> percentages(String name, JsonNode node) {
        String allowed = "up to " + MAX_ENTRIES + " whole numbers from 1 to 1000";
        if (!node.isArray() || node.size() > MAX_ENTRIES) {
            throw Problem.badParameter(name, "found " + shown(node), allowed);
        }
        Set<Integer> sorted = new TreeSet<>();
        node.forEach(one -> {
            if (!one.isInt() || one.intValue() < 1 || one.intValue() > 1000) {
                throw Problem.badParameter(name, "found " + shown(one), allowed);
            }
            sorted.add(one.intValue());
        });
        return new ArrayList<>(sorted);
    }

    Map<String, String> texts(String name) {
        Map<String, String> texts = new LinkedHashMap<>();
        field(name).ifPresent(node -> {
            if (!node.isObject() || node.size() > MAX_ENTRIES) {
                throw Problem.badParameter(
                        name, "found " + node.getNodeType(), "an object of up to " + MAX_ENTRIES + " texts");
            }
            node.properties()
                    .forEach(entry -> texts.put(entry.getKey(), text(name + "." + entry.getKey(), entry.getValue())));
        });
        return texts;
    }

    /** A time from 1970 to 2199, which every place that keeps it can hold. */
    public Optional<Instant> time(String name) {
        return text(name).map(value -> {
            try {
                OffsetDateTime time = OffsetDateTime.parse(value);
                if (time.getYear() >= MIN_YEAR && time.getYear() <= MAX_YEAR) {
                    return time.toInstant();
                }
            } catch (DateTimeParseException e) {
                throw badTime(name, value);
            }
            throw badTime(name, value);
        });
    }

    private static RuntimeException badTime(String name, String value) {
        return Problem.badParameter(
                name, "found '" + value + "'", "an ISO 8601 time such as 2027-01-01T00:00:00Z, from 1970 to 2199");
    }
}
