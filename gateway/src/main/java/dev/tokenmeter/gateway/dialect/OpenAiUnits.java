package dev.tokenmeter.gateway.dialect;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tokenmeter.schemas.UsageSource;
import java.math.BigDecimal;
import java.util.HashMap;
import java.util.Map;

/**
 * What OpenAI and the servers that speak like it bill besides tokens, by the names that prices give it: docs/pricing.md.
 *
 * <p>DALL·E is billed by the image, by size and quality
 * (<a href="https://platform.openai.com/docs/pricing#image-generation">image generation</a>; its defaults:
 * <a href="https://platform.openai.com/docs/api-reference/images/create">create image</a>), older voices by the character
 * (<a href="https://platform.openai.com/docs/pricing#transcription-and-speech-generation">speech</a>), some
 * transcriptions by the second
 * (<a href="https://platform.openai.com/docs/api-reference/audio/json-object">usage of transcriptions</a>,
 * <a href="https://docs.mistral.ai/api/endpoint/audio/transcriptions">Mistral's</a>), xAI's live search by the source
 * (<a href="https://docs.x.ai/docs/guides/live-search">live search</a>).
 */
final class OpenAiUnits {
    static final String IMAGES = "images";
    private static final String DEFAULT_SIZE = "1024x1024";
    private static final String DEFAULT_QUALITY = "standard";

    private OpenAiUnits() {}

    /** Those of a usage object. */
    static Map<String, BigDecimal> of(JsonNode usage) {
        Map<String, BigDecimal> units = new HashMap<>();
        put(units, "seconds", usage.path("seconds"));
        put(units, "seconds", usage.path("prompt_audio_seconds"));
        put(units, "search_sources", usage.path("num_sources_used"));
        return units;
    }

    /** Of a recording; the length is a number or, from older servers, a text. */
    static Map<String, BigDecimal> seconds(JsonNode duration) {
        Map<String, BigDecimal> units = new HashMap<>();
        if (duration.isTextual() && duration.textValue().matches("\\d{1,9}(\\.\\d{1,12})?")) {
            units.put("seconds", new BigDecimal(duration.textValue()));
        }
        put(units, "seconds", duration);
        return units;
    }

    /** Of a document. */
    static Map<String, BigDecimal> pages(JsonNode count) {
        Map<String, BigDecimal> units = new HashMap<>();
        put(units, "pages", count);
        return units;
    }

    private static void put(Map<String, BigDecimal> units, String name, JsonNode count) {
        BigDecimal amount = Counts.amount(count);
        if (amount != null && amount.signum() > 0) {
            units.put(name, amount);
        }
    }

    /** See {@link Dialect#withRequest}. Where an answer counts tokens, those are what is billed. */
    static UsageReading withRequest(Operation operation, RequestFields request, UsageReading reading) {
        if (operation == Operation.SPEECH && reading.source() == UsageSource.none && request.characters() > 0) {
            return reading.withUnits(Map.of("characters", BigDecimal.valueOf(request.characters())));
        }
        BigDecimal images = reading.units().get(IMAGES);
        return images == null ? reading : reading.withUnits(Map.of(imageUnit(request), images));
    }

    /** {@code images:<size>:<quality>} for DALL·E and whatever is asked for by size or quality, else {@code images}. */
    private static String imageUnit(RequestFields request) {
        boolean dallE = request.model() != null && request.model().startsWith("dall-e");
        if (!dallE && request.size() == null && request.quality() == null) {
            return IMAGES;
        }
        return IMAGES + ':' + word(request.size(), DEFAULT_SIZE) + ':' + word(request.quality(), DEFAULT_QUALITY);
    }

    /** Callers choose these words, so only such as a provider would have become part of a name. */
    private static String word(String given, String byDefault) {
        return given == null ? byDefault : given.matches("[a-z0-9]{1,16}") ? given : "other";
    }
}
