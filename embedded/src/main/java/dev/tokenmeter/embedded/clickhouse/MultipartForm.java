package dev.tokenmeter.embedded.clickhouse;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A query and its parameters sent as a form, which clients do when a URL would get too long. */
final class MultipartForm {
    private static final int MAX_BYTES = 8 << 20;
    private static final Pattern BOUNDARY = Pattern.compile("boundary=\"?([^\";]+)", Pattern.CASE_INSENSITIVE);
    private static final Pattern NAME = Pattern.compile("\\bname=\"([^\"]+)\"", Pattern.CASE_INSENSITIVE);

    private MultipartForm() {}

    static boolean is(String contentType) {
        return contentType != null && contentType.regionMatches(true, 0, "multipart/form-data", 0, 19);
    }

    static Map<String, String> read(String contentType, InputStream body) throws IOException {
        Matcher boundary = BOUNDARY.matcher(contentType);
        byte[] bytes = body.readNBytes(MAX_BYTES + 1);
        if (!boundary.find() || bytes.length > MAX_BYTES) {
            throw new ChdbException(
                    ChdbException.SYNTAX_ERROR, "form without boundary, or over " + MAX_BYTES + " bytes");
        }
        // One char per byte, so that offsets stay true until each value is decoded on its own.
        String text = new String(bytes, StandardCharsets.ISO_8859_1);
        Map<String, String> fields = new LinkedHashMap<>();
        for (String part : text.split(Pattern.quote("--" + boundary.group(1)))) {
            int headEnd = part.indexOf("\r\n\r\n");
            Matcher name = NAME.matcher(headEnd < 0 ? "" : part.substring(0, headEnd));
            if (name.find() && part.endsWith("\r\n")) {
                byte[] value = part.substring(headEnd + 4, part.length() - 2).getBytes(StandardCharsets.ISO_8859_1);
                fields.put(name.group(1), new String(value, StandardCharsets.UTF_8));
            }
        }
        return fields;
    }
}
