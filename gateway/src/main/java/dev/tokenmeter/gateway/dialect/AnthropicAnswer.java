package dev.tokenmeter.gateway.dialect;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tokenmeter.schemas.UsageSource;
import java.util.Map;
import java.util.Set;

/**
 * Usage in answers of Anthropic's Messages API.
 *
 * <p>A stream states it in {@code message_start} and again, cumulative, in each {@code message_delta}: a later number
 * replaces the earlier one, and fields that a delta leaves out keep the value of the start
 * (<a href="https://docs.anthropic.com/en/docs/build-with-claude/streaming">streaming</a>). {@code ping} and
 * {@code error} events come in between. {@code inference_geo} says where the model ran, which US-only inference is billed
 * by; of models that cannot be told where to run it says {@code not_available}
 * (<a href="https://platform.claude.com/docs/en/manage-claude/data-residency">data residency</a>). {@code speed} says
 * whether it ran in fast mode, which is a service tier of its own price
 * (<a href="https://platform.claude.com/docs/en/build-with-claude/fast-mode">fast mode</a>).
 */
final class AnthropicAnswer implements AnswerShape {
    private static final JsonExcerpt.Wanted WANTED =
            new JsonExcerpt.Wanted(Set.of("type", "model", "usage"), Set.of("message", "error"), Set.of());

    private static final String FAST = "fast";
    private static final String NO_REGION = "not_available";

    private final ObjectNode usage = JsonNodeFactory.instance.objectNode();
    private String model;
    private boolean stream;
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
        stream |= type.equals("message_start");
        finalCountSeen |= type.equals("message_delta") && excerpt.path("usage").isObject();
        error |= type.equals("error") || !excerpt.path("error").isEmpty();
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
        if (!AnthropicUsage.hasCounts(usage)) {
            String raw = usage.isEmpty() ? null : RawUsage.of(usage);
            return new UsageReading(model, null, Map.of(), Map.of(), raw, null, UsageSource.none, error);
        }
        return new UsageReading(
                model,
                FAST.equals(Counts.text(usage, "speed")) ? FAST : Counts.text(usage, "service_tier"),
                region(),
                AnthropicUsage.tokens(usage),
                AnthropicUsage.units(usage),
                RawUsage.of(usage),
                null,
                isFinal(endedWell) ? UsageSource.provider : UsageSource.partial,
                error);
    }

    /** What a stream counts at its start is a placeholder, also if the stream then ends as if all were well. */
    private boolean isFinal(boolean endedWell) {
        return stream ? finalCountSeen && !error : endedWell;
    }

    private String region() {
        String geo = Counts.text(usage, "inference_geo");
        return NO_REGION.equals(geo) ? null : geo;
    }
}
