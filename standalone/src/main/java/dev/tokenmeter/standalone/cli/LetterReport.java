package dev.tokenmeter.standalone.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.tokenmeter.service.deadletter.Letter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.common.header.Header;

/** Refused records for the eye, and as JSON: the first of them, and how many there are of each reason. */
final class LetterReport {
    private static final JsonMapper JSON = new JsonMapper();
    private static final String FORMAT = "%6s  %-24s %-18s %-8s %-28s %s";

    private final int limit;
    private final List<Letter> letters = new ArrayList<>();
    private final Map<String, Integer> byReason = new TreeMap<>();

    LetterReport(int limit) {
        this.limit = limit;
    }

    void add(Letter letter) {
        byReason.merge(letter.service() + ": " + letter.reason(), 1, Integer::sum);
        if (letters.size() < limit) {
            letters.add(letter);
        }
    }

    String table() {
        if (byReason.isEmpty()) {
            return "No refused records.";
        }
        StringBuilder text = new StringBuilder();
        text.append(String.format(FORMAT, "number", "refused at", "by", "reason", "topic|partition|offset", "why"))
                .append('\n');
        letters.forEach(letter -> text.append(line(letter)).append('\n'));
        int all = byReason.values().stream().mapToInt(Integer::intValue).sum();
        if (all > letters.size()) {
            text.append(String.format("... and %,d more (--limit)%n", all - letters.size()));
        }
        return text.append(counts(byReason)).toString();
    }

    /** One in a line. */
    static String line(Letter letter) {
        String state = letter.resolution() == null
                ? letter.attempts() == 0 ? "" : " (came back, attempt " + letter.attempts() + ")"
                : " (" + letter.resolution().word() + ")";
        return String.format(
                FORMAT,
                letter.number(),
                letter.at(),
                letter.service(),
                letter.reason(),
                letter.source().id(),
                letter.message() + state);
    }

    static String counts(Map<String, Integer> counts) {
        if (counts.isEmpty()) {
            return "Nothing to do.";
        }
        StringBuilder text = new StringBuilder();
        counts.forEach((what, count) ->
                text.append(text.isEmpty() ? "" : "\n").append(String.format("%,9d  %s", count, what)));
        return text.toString();
    }

    /** All of one, for the eye. */
    static String page(Letter letter) {
        StringBuilder text = new StringBuilder();
        map(letter, false)
                .forEach((name, value) -> text.append(text.isEmpty() ? "" : "\n")
                        .append(String.format("%-12s %s", name, value == null ? "" : value)));
        return text.toString();
    }

    String json() {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("letters", letters.stream().map(letter -> map(letter, false)).toList());
        json.put("counts", byReason);
        return json(json);
    }

    static String json(Letter letter) {
        return json(map(letter, true));
    }

    static String json(Map<String, ?> values) {
        try {
            return JSON.writerWithDefaultPrettyPrinter().writeValueAsString(values);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Map<String, Object> map(Letter letter, boolean withValue) {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("number", letter.number());
        map.put("refused_at", letter.at().toString());
        map.put("service", letter.service());
        map.put("reason", letter.reason());
        map.put("message", letter.message());
        map.put("topic", letter.source().topic());
        map.put("partition", letter.source().partition());
        map.put("offset", letter.source().offset());
        map.put(
                "key",
                letter.source().key() == null ? null : text(letter.source().key()));
        map.put("bytes", letter.value() == null ? 0 : letter.value().length);
        map.put("attempts", letter.attempts());
        map.put(
                "state",
                letter.resolution() == null ? "open" : letter.resolution().word());
        Map<String, String> headers = new LinkedHashMap<>();
        for (Header header : letter.headers()) {
            if (!header.key().startsWith("dead-letter.")) {
                headers.put(header.key(), header.value() == null ? "" : text(header.value()));
            }
        }
        map.put("headers", headers);
        if (withValue) {
            map.put(
                    "value_base64",
                    letter.value() == null ? null : Base64.getEncoder().encodeToString(letter.value()));
        }
        return map;
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
