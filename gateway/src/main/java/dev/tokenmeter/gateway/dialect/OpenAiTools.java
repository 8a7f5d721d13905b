package dev.tokenmeter.gateway.dialect;

import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigDecimal;
import java.util.HashMap;
import java.util.Map;

/**
 * OpenAI's built-in tools, which are billed by use and not counted in the usage object: a search of the web (opening a page
 * and looking through it are free), a search of files, a session of the code interpreter (a container), a generated image
 * (<a href="https://platform.openai.com/docs/pricing#built-in-tools">built-in tools</a>,
 * <a href="https://platform.openai.com/docs/guides/tools-web-search">web search</a>,
 * <a href="https://platform.openai.com/docs/guides/tools-code-interpreter">code interpreter</a>). Search models search once
 * in each chat completion.
 */
final class OpenAiTools {
    private static final String WEB_SEARCHES = "web_search_requests";
    private static final String SESSIONS = "code_interpreter_sessions";

    private OpenAiTools() {}

    /** The unit of an output item; containers told apart. Null for what is not billed by use. */
    static String sort(JsonNode item) {
        if (item.path("status").asText().equals("failed")) {
            return null;
        }
        return switch (item.path("type").asText()) {
            case "web_search_call" -> searches(item.path("action")) ? WEB_SEARCHES : null;
            case "file_search_call" -> "file_search_requests";
            case "image_generation_call" -> "image_generation_requests";
            case "code_interpreter_call" ->
                SESSIONS + ' ' + item.path("container_id").asText();
            default -> null;
        };
    }

    private static boolean searches(JsonNode action) {
        return !action.isObject() || action.path("type").asText("search").equals("search");
    }

    /** @param sorts number of output items by sort; missing for none */
    static Map<String, BigDecimal> units(JsonNode sorts) {
        Map<String, BigDecimal> units = new HashMap<>();
        sorts.properties().forEach(sort -> {
            if (sort.getKey().startsWith(SESSIONS)) {
                units.merge(SESSIONS, BigDecimal.ONE, BigDecimal::add);
            } else {
                units.put(sort.getKey(), sort.getValue().decimalValue());
            }
        });
        return units;
    }

    /** What a chat completion of this model bills besides tokens. */
    static Map<String, BigDecimal> ofSearchModel(String model) {
        boolean searches = model != null && model.startsWith("gpt-") && model.contains("-search-");
        return searches ? Map.of(WEB_SEARCHES, BigDecimal.ONE) : Map.of();
    }
}
