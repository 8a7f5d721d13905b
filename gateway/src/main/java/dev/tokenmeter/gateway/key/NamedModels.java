package dev.tokenmeter.gateway.key;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.tokenmeter.gateway.dialect.JsonExcerpt;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * All models that a request's JSON names, under whatever spelling a server might take for the one it goes by: names in any
 * case and given twice, as servers differ in which of them counts; and lists of further models, to which
 * <a href="https://openrouter.ai/docs/features/model-routing">OpenRouter</a> ({@code models}) and LiteLLM
 * ({@code fallbacks}) turn when the first fails.
 */
final class NamedModels {
    private static final JsonFactory JSON = JsonExcerpt.factory(Integer.MAX_VALUE);
    private static final Set<String> FIELDS = Set.of("model", "models", "fallbacks");

    private NamedModels() {}

    /**
     * The models.
     *
     * @param body null where it was not read
     * @return empty when they cannot be told: the body is no JSON object, or a model is no text
     */
    static Optional<List<String>> in(byte[] body) {
        if (body == null) {
            return Optional.empty();
        }
        List<String> models = new ArrayList<>();
        try (JsonParser parser = JSON.createParser(body)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                return Optional.empty();
            }
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                boolean wanted = FIELDS.contains(parser.currentName().toLowerCase(Locale.ROOT));
                JsonToken value = parser.nextToken();
                if (!wanted) {
                    parser.skipChildren();
                } else if (!read(parser, value, models)) {
                    return Optional.empty();
                }
            }
            return parser.currentToken() == JsonToken.END_OBJECT ? Optional.of(models) : Optional.empty();
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    private static boolean read(JsonParser parser, JsonToken value, List<String> models) throws IOException {
        if (value == JsonToken.START_ARRAY) {
            JsonToken element = parser.nextToken();
            while (element == JsonToken.VALUE_STRING) {
                models.add(parser.getText());
                element = parser.nextToken();
            }
            return element == JsonToken.END_ARRAY;
        }
        if (value == JsonToken.VALUE_STRING) {
            models.add(parser.getText());
        }
        return value == JsonToken.VALUE_STRING || value == JsonToken.VALUE_NULL;
    }
}
