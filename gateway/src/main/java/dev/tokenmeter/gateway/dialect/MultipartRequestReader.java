package dev.tokenmeter.gateway.dialect;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads the short fields of a multipart form while it passes; files in it are skipped, whatever their length.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc7578">RFC 7578</a>
 * @see <a href="https://www.rfc-editor.org/rfc/rfc2046#section-5.1.1">RFC 2046, 5.1.1</a>
 */
final class MultipartRequestReader implements RequestReader {
    private static final Pattern BOUNDARY = Pattern.compile(
            "^multipart/form-data\\b.*;\\s*boundary=(?:\"([^\"]{1,70})\"|([^;\\s]{1,70})).*$",
            Pattern.CASE_INSENSITIVE);
    private static final Pattern NAME = Pattern.compile(
            "^content-disposition:\\s*form-data\\b[^\\r\\n]*;\\s*name=\"?([A-Za-z_]{1,32})\"?(?=[;\\s]|$)",
            Pattern.CASE_INSENSITIVE | Pattern.MULTILINE);
    private static final Pattern FILE =
            Pattern.compile("^content-disposition:[^\\r\\n]*filename", Pattern.CASE_INSENSITIVE | Pattern.MULTILINE);
    private static final Set<String> WANTED = Set.of("model", "user", "size", "quality");
    private static final byte[] BLANK_LINE = {'\r', '\n', '\r', '\n'};
    private static final int MAX_HEAD_BYTES = 4096;
    private static final int MAX_VALUE_BYTES = 512;

    private final byte[] delimiter;
    private final Map<String, String> form = new HashMap<>();
    private final ByteArrayOutputStream part = new ByteArrayOutputStream();
    /** How much of the delimiter the last bytes match; the first line's lacks the line break before it. */
    private int matched = 2;

    private boolean inHead;
    private int blank;
    private String field;

    private MultipartRequestReader(String boundary) {
        delimiter = ("\r\n--" + boundary).getBytes(StandardCharsets.ISO_8859_1);
    }

    /** Empty for another content type, or one without a boundary. */
    static Optional<MultipartRequestReader> create(String contentType) {
        Matcher boundary = BOUNDARY.matcher(contentType.strip());
        return boundary.matches()
                ? Optional.of(
                        new MultipartRequestReader(boundary.group(1) == null ? boundary.group(2) : boundary.group(1)))
                : Optional.empty();
    }

    @Override
    public void feed(byte[] bytes) {
        for (byte b : bytes) {
            if (inHead) {
                head(b);
            } else {
                content(b);
            }
        }
    }

    /** The head begins behind the delimiter, with the line break that ends its line. */
    private void head(byte b) {
        if (part.size() < MAX_HEAD_BYTES) {
            part.write(b);
        }
        blank = b == BLANK_LINE[blank] ? blank + 1 : b == '\r' ? 1 : 0;
        if (blank == BLANK_LINE.length) {
            String head = part.toString(StandardCharsets.UTF_8);
            Matcher name = NAME.matcher(head);
            boolean wanted = name.find()
                    && WANTED.contains(name.group(1))
                    && !FILE.matcher(head).find();
            field = wanted ? name.group(1) : null;
            inHead = false;
            part.reset();
            // a part without content: the blank line's break is also the delimiter's
            matched = 2;
        }
    }

    private void content(byte b) {
        matched = b == delimiter[matched] ? matched + 1 : b == '\r' ? 1 : 0;
        if (field != null && part.size() <= MAX_VALUE_BYTES + delimiter.length) {
            part.write(b);
        }
        if (matched == delimiter.length) {
            take();
            part.reset();
            inHead = true;
            blank = 0;
            matched = 0;
        }
    }

    private void take() {
        int length = Math.max(0, part.size() - delimiter.length);
        if (field != null && length > 0 && length <= MAX_VALUE_BYTES) {
            form.putIfAbsent(field, new String(part.toByteArray(), 0, length, StandardCharsets.UTF_8));
        }
        field = null;
    }

    @Override
    public RequestFields fields() {
        return RequestFields.of(form);
    }
}
