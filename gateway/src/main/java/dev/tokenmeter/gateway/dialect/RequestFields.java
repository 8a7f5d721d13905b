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
 */
public record RequestFields(String model, Map<String, String> metadata, String endUser) {
    /** Nothing was read. */
    public static final RequestFields NONE = new RequestFields(null, Map.of(), null);

    private static final int MAX_MODEL_CHARS = 256;

    /**
     * Reads the fields of OpenAI's requests
     * (<a href="https://platform.openai.com/docs/api-reference/chat/create">chat</a>: {@code metadata}, {@code user},
     * which {@code safety_identifier} succeeds) and of Anthropic's
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
        boolean tooLong = model != null && model.length() > MAX_MODEL_CHARS;
        return new RequestFields(tooLong ? model.substring(0, MAX_MODEL_CHARS) : model, metadata, user);
    }
}
