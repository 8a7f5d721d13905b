package dev.tokenmeter.pricing;

import java.util.Set;

/**
 * The models that a price is for. None is meant by accident: {@code gpt-4o} alone prices neither {@code gpt-4o-mini} nor
 * {@code gpt-4o-audio-preview}.
 *
 * @param models exact names
 * @param datedModels names that are meant with any date, or {@code -latest}, after them too
 * @param patterns names with {@code *} for any text
 */
public record Names(Set<String> models, Set<String> datedModels, Set<String> patterns) {
    private static final int MAX_LENGTH = 256;
    private static final int MAX_NAMES = 2_000;

    public Names {
        models = checked(models, "models");
        datedModels = checked(datedModels, "dated_models");
        patterns = checked(patterns, "patterns");
        if (models.isEmpty() && datedModels.isEmpty() && patterns.isEmpty()) {
            throw InvalidPriceException.of("models", "nothing", "at least one of models, dated_models and patterns");
        }
    }

    /** Exact names and nothing else. */
    public static Names exactly(String... models) {
        return new Names(Set.of(models), Set.of(), Set.of());
    }

    /** The name that stands for all of them where there is room for one: the first in alphabetical order. */
    public String first() {
        Set<String> some = !models.isEmpty() ? models : !datedModels.isEmpty() ? datedModels : patterns;
        return some.stream().sorted().findFirst().orElseThrow();
    }

    private static Set<String> checked(Set<String> names, String field) {
        if (names.size() > MAX_NAMES) {
            throw new InvalidPriceException(field, names.size() + " names", "at most " + MAX_NAMES);
        }
        names.forEach(name -> checked(name, field));
        return Set.copyOf(names);
    }

    static String checked(String name, String field) {
        if (name.isBlank() || name.length() > MAX_LENGTH || name.chars().anyMatch(Character::isISOControl)) {
            throw new InvalidPriceException(
                    field, name, "a name of 1 to " + MAX_LENGTH + " characters, not blank, no control characters");
        }
        return name;
    }
}
