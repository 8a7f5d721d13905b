package dev.tokenmeter.gateway.attribution;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import io.vertx.core.MultiMap;
import java.io.IOException;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * Reads a call's tags from {@code X-Tokenmeter-Tags} (a JSON object of strings) and {@code X-Tokenmeter-Tag-<Name>}
 * headers. Names are case-insensitive, as header names are, and kept in lower case; a single header wins over the JSON.
 */
final class TagReader {
    static final String TAGS_HEADER = "x-tokenmeter-tags";
    static final String TAG_PREFIX = "x-tokenmeter-tag-";

    private static final JsonFactory JSON = JsonFactory.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();
    private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9_.-]*");

    private final TagLimits limits;

    TagReader(TagLimits limits) {
        this.limits = limits;
    }

    Map<String, String> read(MultiMap headers) throws TagException {
        Map<String, String> tags = new TreeMap<>();
        for (String json : headers.getAll(TAGS_HEADER)) {
            readJson(json, tags);
        }
        for (Map.Entry<String, String> header : headers) {
            String name = header.getKey().toLowerCase(Locale.ROOT);
            if (name.startsWith(TAG_PREFIX)) {
                put(tags, header.getKey(), name.substring(TAG_PREFIX.length()), header.getValue());
            }
        }
        if (tags.size() > limits.maxCount()) {
            throw new TagException(tags.size() + " tags; allowed: at most " + limits.maxCount() + " a call");
        }
        return tags;
    }

    private void readJson(String json, Map<String, String> tags) throws TagException {
        try (JsonParser parser = JSON.createParser(json)) {
            require(parser.nextToken() == JsonToken.START_OBJECT, "a JSON value that is no object");
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                String name = parser.currentName();
                require(
                        parser.nextToken() == JsonToken.VALUE_STRING,
                        "a value of tag '" + name + "' that is no string");
                put(tags, "X-Tokenmeter-Tags", name.toLowerCase(Locale.ROOT), parser.getText());
            }
            require(parser.nextToken() == null, "text after the JSON object");
        } catch (JsonProcessingException e) {
            throw new TagException("header X-Tokenmeter-Tags: bad JSON at column "
                    + e.getLocation().getColumnNr()
                    + "; allowed: a JSON object of strings such as {\"team\":\"growth\"}");
        } catch (IOException e) {
            throw new IllegalStateException("reading a string did no I/O and yet failed", e);
        }
    }

    private static void require(boolean holds, String found) throws TagException {
        if (!holds) {
            throw new TagException("header X-Tokenmeter-Tags: found " + found
                    + "; allowed: a JSON object of strings such as {\"team\":\"growth\"}");
        }
    }

    private void put(Map<String, String> tags, String header, String name, String value) throws TagException {
        if (!NAME.matcher(name).matches() || name.length() > limits.maxNameLength()) {
            throw new TagException("header " + header + ": a tag's name is not allowed; allowed: 1 to "
                    + limits.maxNameLength() + " letters, digits, '_', '.', '-', beginning with a letter or digit");
        }
        if (value.isBlank() || value.length() > limits.maxValueLength() || hasControl(value)) {
            throw new TagException("header " + header + ": tag '" + name + "' has a value of " + value.length()
                    + " characters; allowed: 1 to " + limits.maxValueLength() + ", not blank, no control characters");
        }
        tags.put(name, value);
    }

    private static boolean hasControl(String value) {
        return value.chars().anyMatch(Character::isISOControl);
    }
}
