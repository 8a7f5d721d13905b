package dev.tokenmeter.gateway.dialect;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import dev.tokenmeter.schemas.TokenKind;
import dev.tokenmeter.schemas.UsageSource;
import java.math.BigDecimal;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * Usage in answers of OpenAI and of the servers that speak like it.
 *
 * <p>A chat stream that was asked for usage carries {@code "usage": null} in every chunk, then one chunk with
 * {@code "choices": []} that has it
 * (<a href="https://platform.openai.com/docs/api-reference/chat/create#chat-create-stream_options">stream_options</a>).
 * Compatible servers put it on the finish chunk or, growing, on every chunk, so the last one that is not null counts,
 * and nothing is summed. Groq repeats it under {@code x_groq}. The Responses API nests it in {@code response} of its last
 * event (<a href="https://platform.openai.com/docs/api-reference/responses-streaming">streaming events</a>). Verbose
 * transcriptions of servers that state no usage say how long the recording was
 * (<a href="https://platform.openai.com/docs/api-reference/audio/verbose-json-object">verbose JSON</a>), and Mistral's
 * OCR counts pages in {@code usage_info} (<a href="https://docs.mistral.ai/api/endpoint/ocr">OCR</a>). A stream of images
 * has one image: OpenAI refuses to stream several
 * (<a href="https://github.com/theopenco/llmgateway/issues/3963">"Streaming is only supported with n=1"</a>).
 */
final class OpenAiAnswer implements AnswerShape {
    private static final JsonExcerpt.Wanted WANTED = new JsonExcerpt.Wanted(
                    Set.of(
                            "type",
                            "model",
                            "service_tier",
                            "usage",
                            "usage_info",
                            "duration",
                            "status",
                            "code",
                            "message",
                            "container_id"),
                    Set.of("response", "x_groq", "error", "action"),
                    Set.of("choices", "data"))
            .tallying("output", OpenAiTools::sort);
    /** What was asked for, as a response says until it is known which tier served it. */
    private static final String ANY_TIER = "auto";

    private static final JsonExcerpt.Wanted WANTED_OF_RESPONSES =
            WANTED.keeping(Set.of("id", "created_at", "background"));
    private static final Set<String> FINAL = Set.of("completed", "incomplete", "failed", "cancelled");
    private static final Set<String> LAST_EVENTS = Set.of(
            "response.completed",
            "response.incomplete",
            "response.failed",
            "transcript.text.done",
            "speech.audio.done",
            "image_generation.completed",
            "image_edit.completed");

    private final Operation operation;
    private final boolean gemini;
    private String model;
    private String serviceTier;
    private JsonNode usage;
    private JsonNode output = MissingNode.getInstance();
    private JsonNode pages = MissingNode.getInstance();
    private JsonNode duration = MissingNode.getInstance();
    private int images;
    private boolean ended;
    private boolean error;
    private BackgroundResponse background;

    /** @param gemini whether thoughts are in the total alone and a model's name may have a prefix */
    OpenAiAnswer(Operation operation, boolean gemini) {
        this.operation = operation;
        this.gemini = gemini;
    }

    @Override
    public JsonExcerpt.Wanted wanted() {
        return operation == Operation.RESPONSES ? WANTED_OF_RESPONSES : WANTED;
    }

    @Override
    public Part accept(JsonNode excerpt) {
        String type = excerpt.path("type").asText();
        JsonNode body = Counts.object(excerpt, "response").isObject() ? excerpt.get("response") : excerpt;
        readHead(body);
        error |= hasError(excerpt) || hasError(body) || type.equals("error") || type.equals("response.failed");
        images = Math.max(images, excerpt.path("data").asInt());
        output = body.path("output").isObject() ? body.get("output") : output;
        pages = excerpt.path("usage_info").isObject()
                ? excerpt.path("usage_info").path("pages_processed")
                : pages;
        duration = excerpt.has("duration") ? excerpt.get("duration") : duration;
        JsonNode found = Counts.object(body, "usage").isObject() ? body.get("usage") : xGroq(excerpt);
        if (found.isObject()) {
            usage = found;
        }
        if (LAST_EVENTS.contains(type)) {
            ended = true;
            return Part.LAST;
        }
        if (found.isObject()
                && excerpt.path("choices").isInt()
                && excerpt.get("choices").intValue() == 0) {
            ended = true;
            return Part.USAGE_ONLY;
        }
        return Part.CONTENT;
    }

    private void readHead(JsonNode body) {
        String id = Counts.text(body, "id");
        if (id != null && body.path("background").asBoolean()) {
            boolean isFinal = FINAL.contains(body.path("status").asText());
            background = new BackgroundResponse(id, BatchHead.time(body.path("created_at")), isFinal);
        }
        String named = Counts.text(body, "model");
        if (named != null) {
            model = gemini ? GeminiAnswer.withoutPrefix(named) : named;
        }
        String tier = Counts.text(body, "service_tier");
        serviceTier = tier == null || tier.equals(ANY_TIER) ? serviceTier : tier;
    }

    private static boolean hasError(JsonNode node) {
        return !node.path("error").isEmpty();
    }

    private static JsonNode xGroq(JsonNode excerpt) {
        return Counts.object(excerpt.path("x_groq"), "usage");
    }

    @Override
    public UsageReading reading(boolean endedWell) {
        UsageReading reading = usageReading(endedWell);
        return background == null ? reading : reading.of(background);
    }

    private UsageReading usageReading(boolean endedWell) {
        if (usage == null || !OpenAiUsage.hasCounts(usage, operation)) {
            Map<String, BigDecimal> units = unitsWithoutUsage();
            UsageSource source = units.isEmpty() ? UsageSource.none : UsageSource.provider;
            BigDecimal cost = usage == null ? null : OpenAiUsage.statedCost(usage);
            return new UsageReading(model, serviceTier, Map.of(), units, RawUsage.of(usage), cost, source, error);
        }
        Map<TokenKind, Long> tokens = OpenAiUsage.tokens(usage, operation, gemini);
        return new UsageReading(
                model,
                serviceTier,
                tokens,
                units(),
                RawUsage.of(usage),
                OpenAiUsage.statedCost(usage),
                ended || endedWell ? UsageSource.provider : UsageSource.partial,
                error);
    }

    private Map<String, BigDecimal> unitsWithoutUsage() {
        if (operation == Operation.IMAGES && images > 0) {
            return Map.of(OpenAiUnits.IMAGES, BigDecimal.valueOf(images));
        } else if (operation == Operation.TRANSCRIPTION) {
            return OpenAiUnits.seconds(duration);
        }
        return OpenAiUnits.pages(pages);
    }

    private Map<String, BigDecimal> units() {
        Map<String, BigDecimal> units = new HashMap<>(OpenAiUnits.of(usage));
        units.putAll(OpenAiTools.units(output));
        if (operation == Operation.CHAT) {
            units.putAll(OpenAiTools.ofSearchModel(model));
        }
        return units;
    }
}
