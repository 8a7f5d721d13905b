package dev.tokenmeter.queryapi.ingest;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tokenmeter.queryapi.problem.Problem;
import dev.tokenmeter.schemas.TagRules;
import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** The fields of a JSON object. Each accessor fails with a problem that names the field by its whole path. */
final class Fields {
    static final long MOST = 1_000_000_000_000L;
    private static final int MAX_TEXT = 256;
    private static final int MAX_DIGITS = 30;

    private final String path;
    private final JsonNode json;

    /** @param path of the object, empty or ending with a dot */
    Fields(String path, JsonNode json) {
        this.path = path;
        this.json = json;
        if (!json.isObject()) {
            throw wrong("", "found " + json.getNodeType(), "an object");
        }
    }

    /** A misspelt field must not be ignored: what nobody reads is refused. */
    Fields only(Set<String> allowed) {
        json.fieldNames().forEachRemaining(name -> {
            if (!allowed.contains(name)) {
                throw wrong(name, "no such field", String.join(", ", new TreeSet<>(allowed)));
            }
        });
        return this;
    }

    Problem.Exception wrong(String name, String found, String allowed) {
        String field = name.isEmpty() && path.endsWith(".") ? path.substring(0, path.length() - 1) : path + name;
        return Problem.badParameter(field.isEmpty() ? "body" : field, found, allowed);
    }

    String path() {
        return path;
    }

    boolean has(String name) {
        return json.hasNonNull(name);
    }

    Optional<JsonNode> node(String name) {
        return Optional.ofNullable(json.get(name)).filter(node -> !node.isNull());
    }

    Optional<String> text(String name) {
        return node(name).map(node -> {
            String value = node.isTextual() ? node.textValue().strip() : "";
            if (value.isEmpty() || value.length() > MAX_TEXT || TagRules.hasControl(value)) {
                throw wrong(name, found(node), "a text of 1 to " + MAX_TEXT + " characters, none of control");
            }
            return value;
        });
    }

    String required(String name, String allowed) {
        return text(name).orElseThrow(() -> wrong(name, "not given", allowed));
    }

    Optional<Long> count(String name) {
        return node(name).map(node -> {
            if (!node.isIntegralNumber()
                    || !node.canConvertToLong()
                    || node.longValue() < 0
                    || node.longValue() > MOST) {
                throw wrong(name, found(node), "a whole number from 0 to " + MOST);
            }
            return node.longValue();
        });
    }

    Optional<Boolean> flag(String name) {
        return node(name).map(node -> {
            if (!node.isBoolean()) {
                throw wrong(name, found(node), "true or false");
            }
            return node.booleanValue();
        });
    }

    Optional<BigDecimal> amount(String name) {
        return node(name).map(node -> amount(name, node));
    }

    private BigDecimal amount(String name, JsonNode node) {
        String allowed = "a number from 0 to " + MOST + " with at most 12 decimals, as a number or a text";
        try {
            boolean number =
                    node.isNumber() || node.isTextual() && node.textValue().length() <= MAX_DIGITS;
            BigDecimal amount = number ? new BigDecimal(node.asText().strip()) : null;
            if (amount == null
                    || amount.signum() < 0
                    || amount.scale() > 12
                    || (long) amount.precision() - amount.scale() > 13
                    || amount.compareTo(BigDecimal.valueOf(MOST)) > 0) {
                throw wrong(name, found(node), allowed);
            }
            return amount.setScale(12);
        } catch (NumberFormatException e) {
            throw wrong(name, found(node), allowed);
        }
    }

    Map<String, BigDecimal> amounts(String name, int most) {
        Map<String, BigDecimal> amounts = new LinkedHashMap<>();
        node(name).ifPresent(node -> new Fields(path + name + ".", node).each(most, amounts::put));
        return amounts;
    }

    private interface Taker {
        void take(String name, BigDecimal amount);
    }

    private void each(int most, Taker taker) {
        if (json.size() > most) {
            throw wrong("", "found " + json.size() + " entries", "at most " + most);
        }
        json.fieldNames().forEachRemaining(name -> {
            if (!name.matches("[a-z0-9_]{1,64}")) {
                throw wrong("", "found a name that is not allowed", "1 to 64 of a-z, 0-9 and _");
            }
            taker.take(name, amount(name, json.get(name)));
        });
    }

    Map<String, String> tags(String name, TagRules rules) {
        Map<String, String> tags = new LinkedHashMap<>();
        node(name).ifPresent(node -> {
            Fields entries = new Fields(path + name + ".", node);
            if (node.size() > rules.maxCount()) {
                throw entries.wrong("", "found " + node.size() + " tags", "at most " + rules.maxCount());
            }
            node.properties().forEach(entry -> {
                String value = entry.getValue().isTextual() ? entry.getValue().textValue() : "";
                String problem = rules.problem(entry.getKey(), value);
                if (problem != null) {
                    throw Problem.badField(path + name, path + name + ": " + problem);
                }
                tags.put(entry.getKey(), value);
            });
        });
        return tags;
    }

    Instant time(String name) {
        String allowed = "a time of RFC 3339, such as 2026-11-24T12:00:00Z";
        String text = required(name, allowed);
        try {
            return OffsetDateTime.parse(text).toInstant().truncatedTo(ChronoUnit.MICROS);
        } catch (DateTimeException e) {
            throw wrong(name, "found '" + text + "'", allowed);
        }
    }

    /** Not what it is: a value of a wrong field may be a prompt. */
    private static String found(JsonNode node) {
        return node.isNumber()
                ? "found " + node.asText()
                : "found " + node.getNodeType().name().toLowerCase(Locale.ROOT);
    }
}
