package dev.tokenmeter.gateway.dialect;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tokenmeter.schemas.UsageSource;
import java.util.Set;

/**
 * Usage in answers of Anthropic's Messages API.
 *
 * <p>A stream states it in {@code message_start} and again, cumulative, in each {@code message_delta}: a later number
 * replaces the earlier one, and fields that a delta leaves out keep the value of the start
 * (<a href="https://docs.anthropic.com/en/docs/build-with-claude/streaming">streaming</a>). {@code ping} and
 * {@code error} events come in between. {@code inference_geo} says where the model ran, which US-only inference is billed
 * by; of models that cannot be told where to run it says {@code not_available}
 * (<a href="https://platform.claude.com/docs/en/manage-claude/data-residency">data residency</a>).
 */
final class AnthropicAnswer implements AnswerShape {
    private static final JsonExcerpt.Wanted WANTED =
            new JsonExcerpt.Wanted(Set.of("type", "model", "usage"), Set.of("message", "error"), Set.of());

    private static final String NO_REGION = "not_available";

    private final ObjectNode usage = JsonNodeFactory.instance.objectNode();
    private String model;
    private boolean finalCountSeen;
    private boolean error;

    @Override
    public JsonExcerpt.Wanted wanted() {
        return WANTED;
    }

    @Override
    public Part accept(JsonNode excerpt) {
        String type = excerpt.path("type").asText();
        JsonNode message = excerpt.path("message").isObject() ? excerpt.get("message") : excerpt;
        String named = Counts.text(message, "model");
        model = named == null ? model : named;
        merge(message.path("usage"));
        finalCountSeen |= type.equals("message_delta") && excerpt.path("usage").isObject();
        error |= type.equals("error") || excerpt.path("error").isObject();
        return type.equals("message_stop") ? Part.LAST : Part.CONTENT;
    }

    private void merge(JsonNode later) {
        later.properties().forEach(field -> {
            if (!field.getValue().isNull()) {
                usage.set(field.getKey(), field.getValue());
            }
        });
    }

    @Override
    public UsageReading reading(boolean endedWell) {
        if (usage.isEmpty()) {
            return new UsageReading(
                    model,
                    null,
                    UsageReading.NOTHING.tokens(),
                    UsageReading.NOTHING.units(),
                    null,
                    null,
                    UsageSource.none,
                    error);
        }
        return new UsageReading(
                model,
                Counts.text(usage, "service_tier"),
                region(),
                AnthropicUsage.tokens(usage),
                AnthropicUsage.units(usage),
                RawUsage.of(usage),
                null,
                endedWell || finalCountSeen && !error ? UsageSource.provider : UsageSource.partial,
                error);
    }

    private String region() {
        String geo = Counts.text(usage, "inference_geo");
        return NO_REGION.equals(geo) ? null : geo;
    }
}
