package dev.tokenmeter.queryapi.bills;

import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a line item of OpenAI's costs is about. Those of tokens are a model and a kind, {@code gpt-4o-2024-08-06, input}; others
 * are words, {@code Web search tool calls}; without grouping there is none.
 *
 * @param model empty where it names none
 * @param unit unit that the line is about alone, as in {@code UsageEvent.units}; else empty
 */
record OpenAiItem(String model, String unit) {
    /** A model's name has no space and, unlike words, a digit or a dash. */
    private static final Pattern MODEL = Pattern.compile("^((?=[^ ,]*[-0-9])[A-Za-z0-9][^ ,]*)(?:, .*)?$");

    private static final Map<String, String> TOOLS = Map.of(
            "web search", "web_search_requests",
            "file search", "file_search_requests",
            "code interpreter", "code_interpreter_sessions");

    static OpenAiItem of(String item) {
        Matcher model = MODEL.matcher(item);
        if (model.matches()) {
            return new OpenAiItem(model.group(1), "");
        }
        String words = item.toLowerCase(Locale.ROOT).replace('_', ' ');
        String unit = TOOLS.entrySet().stream()
                .filter(tool -> words.contains(tool.getKey()) && !words.contains("storage"))
                .map(Map.Entry::getValue)
                .findFirst()
                .orElse("");
        return new OpenAiItem("", unit);
    }
}
