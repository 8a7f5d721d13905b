package dev.tokenmeter.gateway.attribution;

import io.vertx.core.MultiMap;
import java.util.Locale;
import java.util.Map;

/**
 * Reads the gateway's own headers: {@code X-Tokenmeter-Tags} (a JSON object of strings), {@code X-Tokenmeter-Tag-<Name>}
 * and {@code X-Tokenmeter-End-User}. Names of tags are case-insensitive, as header names are, and kept in lower case; a
 * single header wins over the JSON.
 */
final class TagReader {
    private static final String TAGS_HEADER = "X-Tokenmeter-Tags";
    private static final String TAG_PREFIX = "x-tokenmeter-tag-";
    private static final String END_USER_HEADER = "x-tokenmeter-end-user";

    private TagReader() {}

    static void read(MultiMap headers, CallerAttributes into) throws TagException {
        for (Map.Entry<String, String> header : headers) {
            String name = header.getKey().toLowerCase(Locale.ROOT);
            if (name.startsWith(TAG_PREFIX)) {
                into.tag("header " + header.getKey(), name.substring(TAG_PREFIX.length()), header.getValue());
            }
        }
        for (String json : headers.getAll(TAGS_HEADER)) {
            readJson(json, into);
        }
        into.endUser(headers.get(END_USER_HEADER));
    }

    private static void readJson(String json, CallerAttributes into) throws TagException {
        Map<String, String> entries;
        try {
            entries = TagJson.read(TAGS_HEADER, json, true);
        } catch (TagException e) {
            into.invalid(e.getMessage());
            return;
        }
        for (Map.Entry<String, String> entry : entries.entrySet()) {
            into.tag("header " + TAGS_HEADER, entry.getKey().toLowerCase(Locale.ROOT), entry.getValue());
        }
    }
}
