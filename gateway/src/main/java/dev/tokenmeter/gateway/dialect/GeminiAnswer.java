package dev.tokenmeter.gateway.dialect;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tokenmeter.schemas.UsageSource;
import java.util.Map;
import java.util.Set;

/**
 * Usage in Gemini's answers. A stream is a JSON array of answers, or with {@code alt=sse} an event stream of them. Their
 * counts are cumulative, and a later one replaces an earlier; on Vertex AI only the last chunk has any
 * (<a href="https://ai.google.dev/api/generate-content#UsageMetadata">usage metadata</a>).
 */
final class GeminiAnswer implements AnswerShape {
    private static final JsonExcerpt.Wanted WANTED =
            new JsonExcerpt.Wanted(Set.of("usageMetadata", "modelVersion"), Set.of("error"), Set.of());
    private static final String MODEL_PREFIX = "models/";

    private final ObjectNode usage = JsonNodeFactory.instance.objectNode();
    private String model;
    private boolean error;

    @Override
    public JsonExcerpt.Wanted wanted() {
        return WANTED;
    }

    @Override
    public Part accept(JsonNode excerpt) {
        String named = Counts.text(excerpt, "modelVersion");
        model = named == null ? model : withoutPrefix(named);
        error |= excerpt.path("error").isObject();
        excerpt.path("usageMetadata").properties().forEach(field -> {
            if (!field.getValue().isNull()) {
                usage.set(field.getKey(), field.getValue());
            }
        });
        return Part.CONTENT;
    }

    /** The name alone, as prices have it. */
    static String withoutPrefix(String model) {
        return model.startsWith(MODEL_PREFIX) ? model.substring(MODEL_PREFIX.length()) : model;
    }

    @Override
    public UsageReading reading(boolean endedWell) {
        if (!GeminiUsage.hasCounts(usage)) {
            return new UsageReading(model, null, Map.of(), Map.of(), null, null, UsageSource.none, error);
        }
        return new UsageReading(
                model,
                null,
                GeminiUsage.tokens(usage),
                GeminiUsage.units(usage),
                RawUsage.of(usage),
                null,
                endedWell && !error ? UsageSource.provider : UsageSource.partial,
                error);
    }
}
