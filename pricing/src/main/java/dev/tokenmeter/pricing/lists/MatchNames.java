package dev.tokenmeter.pricing.lists;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tokenmeter.pricing.Names;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The names that a rule of genai-prices spells out
 * (<a href="https://github.com/pydantic/genai-prices/blob/main/prices/README.md">rules</a>). What a rule means beyond them is
 * not taken: {@code starts_with: gpt-4o} would price whatever is made next under that name. Its dated snapshots are.
 */
final class MatchNames {
    private static final int MAX_NAMES = 500;
    private static final int MAX_DEPTH = 8;
    /** {@code ^name-\d{8}$} or {@code ^name-\d{4}-\d{2}-\d{2}$} */
    private static final Pattern DATED =
            Pattern.compile("\\^([^^$\\[\\](){}*+?|]+)-\\\\d\\{(?:8}|4}-\\\\d\\{2}-\\\\d\\{2})\\$");

    private final Set<String> models = new LinkedHashSet<>();
    private final Set<String> dated = new LinkedHashSet<>();
    private boolean partial;

    private MatchNames() {}

    /** Null where the rule spells out no name. */
    static Names of(JsonNode rule) {
        MatchNames names = new MatchNames();
        names.collect(rule, rule, 0);
        return names.models.isEmpty() && names.dated.isEmpty() ? null : new Names(names.models, names.dated, Set.of());
    }

    private void collect(JsonNode rule, JsonNode whole, int depth) {
        if (depth > MAX_DEPTH || models.size() + dated.size() > MAX_NAMES) {
            return;
        }
        if (rule.has("or")) {
            rule.get("or").forEach(part -> collect(part, whole, depth + 1));
        } else if (rule.has("and")) {
            boolean before = partial;
            partial = true;
            rule.get("and").forEach(part -> collect(part, whole, depth + 1));
            partial = before;
        } else if (rule.path("equals").isTextual()) {
            addExact(rule.get("equals").asText(), whole);
        } else if (rule.path("starts_with").isTextual()) {
            String name = rule.get("starts_with").asText();
            if (partial || name.endsWith("-") || name.endsWith(".") || name.endsWith("/")) {
                addExact(name, whole);
            } else {
                dated.add(name);
            }
        } else if (rule.path("regex").isTextual()) {
            Matcher matcher = DATED.matcher(rule.get("regex").asText());
            if (matcher.matches()) {
                dated.add(matcher.group(1).replace("\\", ""));
            }
        }
    }

    private void addExact(String name, JsonNode whole) {
        if (!name.isBlank() && isMeant(whole, name, 0)) {
            models.add(name);
        }
    }

    /** Whether the rule means a name; a regular expression, which may be a trap, never does. */
    private static boolean isMeant(JsonNode rule, String name, int depth) {
        if (depth > MAX_DEPTH) {
            return false;
        }
        if (rule.has("or")) {
            return any(rule.get("or"), name, depth);
        }
        if (rule.has("and")) {
            return !anyNot(rule.get("and"), name, depth);
        }
        if (rule.has("equals")) {
            return name.equals(rule.get("equals").asText());
        }
        if (rule.has("starts_with")) {
            return name.startsWith(rule.get("starts_with").asText());
        }
        if (rule.has("ends_with")) {
            return name.endsWith(rule.get("ends_with").asText());
        }
        return rule.has("contains") && name.contains(rule.get("contains").asText());
    }

    private static boolean any(JsonNode rules, String name, int depth) {
        for (JsonNode rule : rules) {
            if (isMeant(rule, name, depth + 1)) {
                return true;
            }
        }
        return false;
    }

    private static boolean anyNot(JsonNode rules, String name, int depth) {
        for (JsonNode rule : rules) {
            if (!isMeant(rule, name, depth + 1)) {
                return true;
            }
        }
        return false;
    }
}
