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
        boolean json = false;
        for (Map.Entry<String, String> header : headers) {
            String name = header.getKey();
            if (name.regionMatches(true, 0, TAG_PREFIX, 0, TAG_PREFIX.length())) {
                String tag = name.substring(TAG_PREFIX.length()).toLowerCase(Locale.ROOT);
                into.tag("header " + name, tag, header.getValue());
            }
            json |= name.equalsIgnoreCase(TAGS_HEADER);
        }
        if (json) {
            for (String tags : headers.getAll(TAGS_HEADER)) {
                readJson(tags, into);
            }
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
