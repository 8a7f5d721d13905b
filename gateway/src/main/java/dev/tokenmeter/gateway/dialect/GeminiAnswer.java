package dev.tokenmeter.gateway.dialect;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tokenmeter.schemas.UsageSource;
import java.math.BigDecimal;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * Usage in Gemini's answers. A stream is a JSON array of answers, or with {@code alt=sse} an event stream of them. Their
 * counts are cumulative, and a later one replaces an earlier; on Vertex AI only the last chunk has any
 * (<a href="https://ai.google.dev/api/generate-content#UsageMetadata">usage metadata</a>). Imagen answers with images alone,
 * which it is billed by; one that was filtered out has no type
 * (<a href="https://cloud.google.com/vertex-ai/generative-ai/docs/model-reference/imagen-api">Imagen API</a>).
 */
final class GeminiAnswer implements AnswerShape {
    static final JsonExcerpt.Wanted WANTED = GeminiGrounding.in(new JsonExcerpt.Wanted(
                    Set.of("usageMetadata", "modelVersion", "mimeType", "code", "message", "status"),
                    Set.of("error"),
                    Set.of())
            .tallying("predictions", prediction -> prediction.has("mimeType") ? OpenAiUnits.IMAGES : null));
    private static final String MODEL_PREFIX = "models/";

    private final ObjectNode usage = JsonNodeFactory.instance.objectNode();
    private String model;
    private JsonNode grounded = MissingNode.getInstance();
    private long images;
    private boolean error;

    @Override
    public JsonExcerpt.Wanted wanted() {
        return WANTED;
    }

    @Override
    public Part accept(JsonNode excerpt) {
        String named = Counts.text(excerpt, "modelVersion");
        model = named == null ? model : withoutPrefix(named);
        error |= !excerpt.path("error").isEmpty();
        JsonNode candidates = excerpt.path("candidates");
        grounded = candidates.isEmpty() ? grounded : candidates;
        images += excerpt.path("predictions").path(OpenAiUnits.IMAGES).asLong();
        excerpt.path("usageMetadata").properties().forEach(field -> {
            if (!field.getValue().isNull()) {
                usage.set(field.getKey(), field.getValue());
            }
        });
        return Part.CONTENT;
    }

    private Map<String, BigDecimal> units() {
        Map<String, BigDecimal> units = new HashMap<>(GeminiUsage.units(usage));
        units.putAll(GeminiGrounding.units(grounded, model));
        return units;
    }

    /** The name alone, as prices have it. */
    static String withoutPrefix(String model) {
        return model.startsWith(MODEL_PREFIX) ? model.substring(MODEL_PREFIX.length()) : model;
    }

    @Override
    public UsageReading reading(boolean endedWell) {
        if (!GeminiUsage.hasCounts(usage)) {
            Map<String, BigDecimal> units =
                    images == 0 ? Map.of() : Map.of(OpenAiUnits.IMAGES, BigDecimal.valueOf(images));
            UsageSource source = units.isEmpty() ? UsageSource.none : UsageSource.provider;
            return new UsageReading(model, null, Map.of(), units, null, null, source, error);
        }
        return new UsageReading(
                model,
                null,
                GeminiUsage.tokens(usage),
                units(),
                RawUsage.of(usage),
                null,
                endedWell && !error ? UsageSource.provider : UsageSource.partial,
                error);
    }
}
