package dev.tokenmeter.schemas.budget;

import java.util.regex.Pattern;

/**
 * Model names with and without the snapshot that they end in: a request names {@code gpt-4o}, and the answer
 * {@code gpt-4o-2024-08-06}.
 */
public final class ModelName {
    /** OpenAI's {@code -2024-08-06} and {@code -0613}, Anthropic's {@code -20250514}, Google's {@code -001}, Vertex' {@code @…}. */
    private static final Pattern SNAPSHOT =
            Pattern.compile("(-\\d{4}-\\d{2}-\\d{2}|[-@]\\d{8}|-\\d{4}|-\\d{3}|[-@]latest)$");

    private ModelName() {}

    /** The name without its snapshot. */
    public static String withoutSnapshot(String model) {
        return SNAPSHOT.matcher(model).replaceFirst("");
    }

    /** Whether a name includes another: itself, and each snapshot of it if it names none. */
    public static boolean includes(String model, String other) {
        return model.equals(other) || model.equals(withoutSnapshot(model)) && model.equals(withoutSnapshot(other));
    }

    /** Whether a request for {@code requested} may be answered by a model that {@code model} includes. */
    public static boolean mayInclude(String model, String requested) {
        return withoutSnapshot(model).equals(withoutSnapshot(requested));
    }
}
