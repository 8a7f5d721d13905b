package dev.tokenmeter.gateway.dialect;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Asks for usage in a streamed chat completion: sets {@code stream_options.include_usage} in the request's text and
 * leaves every other byte as the client wrote it.
 *
 * @see <a href="https://platform.openai.com/docs/api-reference/chat/create#chat-create-stream_options">stream_options</a>
 */
public final class StreamOptions {
    private static final byte[] STREAM = "\"stream\"".getBytes(StandardCharsets.US_ASCII);
    private static final JsonFactory JSON = JsonExcerpt.factory(Integer.MAX_VALUE);

    /**
     * What became of a request.
     *
     * @param body what to send
     * @param asked whether the gateway asked for usage, and the client did not
     */
    public record Result(byte[] body, boolean asked) {}

    /** Where the interesting values stand in the text; -1 for nowhere. */
    private static final class Scan {
        boolean stream;
        int root = -1;
        int optionsStart = -1;
        int optionsEnd;
        boolean optionsIsObject;
        boolean optionsIsEmpty;
        int includeStart = -1;
        int includeEnd;
        boolean include;
    }

    private StreamOptions() {}

    /** Edits a request; one that does not stream, already asks, or is not JSON comes back as it was. */
    public static Result askForUsage(byte[] body) {
        if (!mayStream(body)) {
            return new Result(body, false);
        }
        Scan scan = new Scan();
        try (JsonParser parser = JSON.createParser(body)) {
            scan(parser, scan);
        } catch (IOException e) {
            return new Result(body, false); // the provider will say what is wrong with it
        }
        return scan.stream && !scan.include ? new Result(edit(body, scan), true) : new Result(body, false);
    }

    /** Spares the others the parsing: the name stands there, or is hidden behind escapes. */
    private static boolean mayStream(byte[] body) {
        int last = body.length - STREAM.length;
        for (int i = 0; i <= last; i++) {
            if (body[i] == '"' && Arrays.equals(body, i, i + STREAM.length, STREAM, 0, STREAM.length)
                    || body[i] == '\\' && body[i + 1] == 'u') {
                return true;
            }
        }
        return false;
    }

    private static void scan(JsonParser parser, Scan scan) throws IOException {
        if (parser.nextToken() != JsonToken.START_OBJECT) {
            return;
        }
        scan.root = end(parser);
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String name = parser.currentName();
            JsonToken value = parser.nextToken();
            if (name.equals("stream")) {
                scan.stream = value == JsonToken.VALUE_TRUE;
            } else if (name.equals("stream_options")) {
                scanOptions(parser, value, scan);
            }
            parser.skipChildren();
        }
    }

    private static void scanOptions(JsonParser parser, JsonToken value, Scan scan) throws IOException {
        scan.optionsStart = start(parser);
        scan.optionsIsObject = value == JsonToken.START_OBJECT;
        scan.optionsIsEmpty = true;
        if (scan.optionsIsObject) {
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                scan.optionsIsEmpty = false;
                boolean usage = parser.currentName().equals("include_usage");
                JsonToken option = parser.nextToken();
                if (usage) {
                    scan.include = option == JsonToken.VALUE_TRUE;
                    scan.includeStart = start(parser);
                }
                parser.skipChildren();
                scan.includeEnd = usage ? endOfValue(parser) : scan.includeEnd;
            }
        } else {
            parser.skipChildren();
        }
        scan.optionsEnd = endOfValue(parser);
    }

    private static int start(JsonParser parser) {
        return Math.toIntExact(parser.currentTokenLocation().getByteOffset());
    }

    private static int end(JsonParser parser) {
        return start(parser) + 1;
    }

    /** Strings are read lazily; asking for the text brings the parser to their end. */
    private static int endOfValue(JsonParser parser) throws IOException {
        parser.getText();
        return Math.toIntExact(parser.currentLocation().getByteOffset());
    }

    private static byte[] edit(byte[] body, Scan scan) {
        if (scan.includeStart >= 0) {
            return replace(body, scan.includeStart, scan.includeEnd, "true");
        } else if (scan.optionsIsObject) {
            String comma = scan.optionsIsEmpty ? "" : ",";
            return replace(body, scan.optionsStart + 1, scan.optionsStart + 1, "\"include_usage\":true" + comma);
        } else if (scan.optionsStart >= 0) {
            return replace(body, scan.optionsStart, scan.optionsEnd, "{\"include_usage\":true}");
        }
        return replace(body, scan.root, scan.root, "\"stream_options\":{\"include_usage\":true},");
    }

    private static byte[] replace(byte[] body, int from, int to, String text) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(body.length + text.length());
        out.write(body, 0, from);
        out.writeBytes(text.getBytes(StandardCharsets.US_ASCII));
        out.write(body, to, body.length - to);
        return out.toByteArray();
    }
}
