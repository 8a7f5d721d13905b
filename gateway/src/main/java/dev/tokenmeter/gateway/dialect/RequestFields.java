package dev.tokenmeter.gateway.dialect;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What a request's body says besides its content.
 *
 * @param model as requested; null when not named
 * @param metadata the caller's own words on the call, by name
 * @param endUser on whose behalf it is; null when not given
 * @param size of the images that are asked for; null when not given
 * @param quality of those images; null when not given
 * @param characters of the text to be spoken, code points; 0 for none
 */
public record RequestFields(
        String model, Map<String, String> metadata, String endUser, String size, String quality, long characters) {
    /** Nothing was read. */
    public static final RequestFields NONE = new RequestFields(null, Map.of(), null, null, null, 0);

    private static final int MAX_MODEL_CHARS = 256;

    /**
     * Reads the fields of OpenAI's requests
     * (<a href="https://platform.openai.com/docs/api-reference/chat/create">chat</a>: {@code metadata}, {@code user},
     * which {@code safety_identifier} succeeds;
     * <a href="https://platform.openai.com/docs/api-reference/images/create">images</a>: {@code size} and
     * {@code quality}; <a href="https://platform.openai.com/docs/api-reference/audio/createSpeech">speech</a>: how long
     * its {@code input} is) and of Anthropic's
     * (<a href="https://docs.anthropic.com/en/api/messages">messages</a>: {@code metadata.user_id}).
     */
    static RequestFields of(JsonNode request) {
        String model = Counts.text(request, "model");
        Map<String, String> metadata = new LinkedHashMap<>();
        request.path("metadata").properties().forEach(entry -> {
            if (entry.getValue().isTextual() && !entry.getValue().textValue().isBlank()) {
                metadata.put(entry.getKey(), entry.getValue().textValue());
            }
        });
        String user = metadata.remove("user_id");
        for (String name : new String[] {"safety_identifier", "user"}) {
            user = user == null ? Counts.text(request, name) : user;
        }
        return new RequestFields(
                bounded(model),
                metadata,
                user,
                Counts.text(request, "size"),
                Counts.text(request, "quality"),
                Counts.of(request, "input"));
    }

    /** Those of a form. */
    static RequestFields of(Map<String, String> form) {
        return new RequestFields(
                bounded(form.get("model")), Map.of(), form.get("user"), form.get("size"), form.get("quality"), 0);
    }

    private static String bounded(String model) {
        boolean tooLong = model != null && model.length() > MAX_MODEL_CHARS;
        return tooLong ? model.substring(0, MAX_MODEL_CHARS) : model;
    }
}
