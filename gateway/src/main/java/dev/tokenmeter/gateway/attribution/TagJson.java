package dev.tokenmeter.gateway.attribution;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;

/** Reads a header that holds a flat JSON object. */
final class TagJson {
    private static final JsonFactory JSON = JsonFactory.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();
    private static final String ALLOWED = "; allowed: a JSON object of strings such as {\"team\":\"growth\"}";

    private TagJson() {}

    /**
     * The object's entries, in order.
     *
     * @param header its name, for messages
     * @param strict whether values must be strings; otherwise numbers and booleans are taken as text, and nulls left out
     * @throws TagException if it is anything else
     */
    static Map<String, String> read(String header, String json, boolean strict) throws TagException {
        Map<String, String> entries = new LinkedHashMap<>();
        try (JsonParser parser = JSON.createParser(json)) {
            require(parser.nextToken() == JsonToken.START_OBJECT, header, "a JSON value that is no object");
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                String name = parser.currentName();
                JsonToken value = parser.nextToken();
                boolean usable = value == JsonToken.VALUE_STRING || !strict && value.isScalarValue();
                require(usable, header, "a value of tag '" + name + "' that is no string");
                if (value != JsonToken.VALUE_NULL) {
                    entries.put(name, parser.getText());
                }
            }
            require(parser.nextToken() == null, header, "text after the JSON object");
        } catch (JsonProcessingException e) {
            throw new TagException("header " + header + ": bad JSON at column "
                    + e.getLocation().getColumnNr() + ALLOWED);
        } catch (IOException e) {
            throw new IllegalStateException("reading a string did no I/O and yet failed", e);
        }
        return entries;
    }

    private static void require(boolean holds, String header, String found) throws TagException {
        if (!holds) {
            throw new TagException("header " + header + ": found " + found + ALLOWED);
        }
    }
}
