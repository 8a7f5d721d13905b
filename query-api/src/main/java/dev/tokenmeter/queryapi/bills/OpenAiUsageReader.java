package dev.tokenmeter.queryapi.bills;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tokenmeter.schemas.BillLine;
import dev.tokenmeter.schemas.Money;
import dev.tokenmeter.schemas.TokenKind;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * OpenAI's usage: {@code GET /v1/organization/usage/completions} and its sisters for embeddings, moderations, images,
 * speeches, transcriptions, code interpreter, file and web searches. {@code input_tokens} are those of text and include
 * {@code input_cached_tokens}; those of audio stand beside them, unless {@code input_text_tokens} is there too: then
 * {@code input_tokens} is the sum of both.
 *
 * @see <a href="https://platform.openai.com/docs/api-reference/usage/completions">usage</a>
 */
final class OpenAiUsageReader implements BillReader {
    private static final Pattern RESULT = Pattern.compile("organization\\.usage\\.(\\w+)\\.result");

    /** Where each other report counts what, and by which unit of ours. */
    private static final Map<String, Map<String, String>> UNITS = Map.of(
            "images", Map.of("images", "images"),
            "audio_speeches", Map.of("characters", "characters"),
            "audio_transcriptions", Map.of("seconds", "seconds"),
            "code_interpreter_sessions", Map.of("num_sessions", "code_interpreter_sessions"),
            "file_searches", Map.of("num_requests", "file_search_requests"),
            "web_searches", Map.of("num_requests", "web_search_requests"));

    /** Those whose calls of models are in the report of completions as well. */
    private static final Set<String> TOOLS = Set.of("code_interpreter_sessions", "file_searches", "web_searches");

    @Override
    public void read(byte[] upload, BillSheet sheet) {
        List<JsonNode> pages = JsonPages.of(upload);
        TreeSet<String> reports = new TreeSet<>();
        TreeSet<Instant> empty = new TreeSet<>();
        int bucket = 0;
        for (JsonNode page : pages) {
            for (JsonNode one : page.path("data")) {
                readBucket(one, bucket++, sheet, reports, empty);
            }
        }
        empty.forEach(day -> reports.forEach(report -> sheet.cover(report, day)));
        if (JsonPages.goesOn(pages)) {
            sheet.incomplete();
        }
    }

    private static void readBucket(
            JsonNode bucket, int number, BillSheet sheet, TreeSet<String> reports, TreeSet<Instant> empty) {
        Instant from = Instant.ofEpochSecond(bucket.path("start_time").asLong());
        Instant until = Instant.ofEpochSecond(bucket.path("end_time").asLong());
        JsonNode results = bucket.path("results");
        results.forEach(result -> sheet.read());
        if (!sheet.isDay(from, until, results.size())) {
            return;
        }
        if (results.isEmpty()) {
            empty.add(from);
        }
        for (JsonNode result : results) {
            Matcher kind = RESULT.matcher(JsonPages.text(result, "object"));
            if (!kind.matches()) {
                sheet.skip("a result is no usage, but '" + JsonPages.text(result, "object") + "'");
            } else if (kind.group(1).equals("vector_stores")) {
                sheet.skip("storage is in no call");
            } else {
                String report = Reports.USAGE + kind.group(1);
                reports.add(report);
                sheet.add(report, from, number, line(kind.group(1), result));
            }
        }
    }

    private static BillLine line(String kind, JsonNode result) {
        boolean tool = TOOLS.contains(kind);
        BillLine.Builder line = BillLine.newBuilder()
                .setModel(JsonPages.text(result, "model"))
                .setAccount(JsonPages.text(result, "project_id"))
                .setRequests(
                        !tool && result.path("num_model_requests").isNumber()
                                ? Long.valueOf(JsonPages.count(result, "num_model_requests"))
                                : null)
                .setTokens(tokens(result));
        Map<String, BigDecimal> units = new HashMap<>();
        UNITS.getOrDefault(kind, Map.of()).forEach((field, unit) -> {
            units.put(unit, BigDecimal.valueOf(JsonPages.count(result, field)).setScale(Money.SCALE));
            line.setUnit(tool || line.getModel().isEmpty() ? unit : "");
        });
        return line.setUnits(units).build();
    }

    private static Map<String, Long> tokens(JsonNode result) {
        long cached = JsonPages.count(result, "input_cached_tokens");
        long audio = JsonPages.count(result, "input_audio_tokens");
        long output = JsonPages.count(result, "output_tokens");
        long audioOutput = JsonPages.count(result, "output_audio_tokens");
        boolean sums = result.path("input_text_tokens").isNumber();
        long text = JsonPages.count(result, "input_tokens") - (sums ? audio : 0);
        Map<String, Long> tokens = new HashMap<>();
        put(tokens, TokenKind.UNCACHED_INPUT, text - cached);
        put(tokens, TokenKind.CACHE_READ_INPUT, Math.min(cached, text));
        put(tokens, TokenKind.AUDIO_INPUT, audio);
        put(tokens, TokenKind.TEXT_OUTPUT, output - (sums ? audioOutput : 0));
        put(tokens, TokenKind.AUDIO_OUTPUT, audioOutput);
        return tokens;
    }

    private static void put(Map<String, Long> tokens, TokenKind kind, long count) {
        if (count > 0) {
            tokens.put(kind.field(), count);
        }
    }
}
