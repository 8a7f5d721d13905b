package dev.tokenmeter.gateway.dialect;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.io.JsonStringEncoder;
import java.io.ByteArrayOutputStream;
import java.io.IOException;

/** Names another model in a request's text, and leaves every other byte as the client wrote it. */
public final class ModelName {
    private static final JsonFactory JSON = JsonExcerpt.factory(Integer.MAX_VALUE);

    private ModelName() {}

    /** The request with another {@code model} at its top level; one that names none there comes back as it was. */
    public static byte[] replace(byte[] body, String model) {
        try (JsonParser parser = JSON.createParser(body)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                return body;
            }
            return replace(parser, body, model);
        } catch (IOException e) {
            return body; // the provider will say what is wrong with it
        }
    }

    /** All of them: of fields of one name, providers differ on which counts. */
    private static byte[] replace(JsonParser parser, byte[] body, String model) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream(body.length + model.length());
        int copied = 0;
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            boolean found = parser.currentName().equals("model");
            if (parser.nextToken() == JsonToken.VALUE_STRING && found) {
                int start = Math.toIntExact(parser.currentTokenLocation().getByteOffset());
                parser.finishToken();
                out.write(body, copied, start - copied);
                out.write('"');
                out.writeBytes(JsonStringEncoder.getInstance().quoteAsUTF8(model));
                out.write('"');
                copied = Math.toIntExact(parser.currentLocation().getByteOffset());
            }
            parser.skipChildren();
        }
        out.write(body, copied, body.length - copied);
        return out.toByteArray();
    }
}
