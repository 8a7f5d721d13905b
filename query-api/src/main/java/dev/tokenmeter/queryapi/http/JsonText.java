package dev.tokenmeter.queryapi.http;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.JsonSerializer;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.ser.std.ToStringSerializer;
import dev.tokenmeter.queryapi.problem.Problem;
import java.io.IOException;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.time.YearMonth;

/**
 * JSON of answers and bodies. A {@link BigDecimal} is an amount and becomes a plain decimal string, as a reader's double
 * could not hold it; times become ISO 8601.
 */
public final class JsonText {
    private static final JsonMapper MAPPER = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .addModule(new SimpleModule()
                    .addSerializer(BigDecimal.class, new AmountSerializer())
                    .addSerializer(Instant.class, new ToStringSerializer(Instant.class))
                    .addSerializer(LocalDate.class, new ToStringSerializer(LocalDate.class))
                    .addSerializer(YearMonth.class, new ToStringSerializer(YearMonth.class)))
            .build();

    private JsonText() {}

    static byte[] write(Object value) {
        try {
            return MAPPER.writeValueAsBytes(value);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    /** @throws Problem.Exception if it is no JSON object */
    public static JsonNode readObject(byte[] body) {
        JsonNode node = read(body);
        if (node.isObject()) {
            return node;
        }
        throw Problem.badRequest("The body must be a JSON object.");
    }

    /** @throws Problem.Exception if it is no JSON */
    public static JsonNode read(byte[] body) {
        try {
            return MAPPER.readTree(body);
        } catch (IOException e) {
            throw Problem.badRequest("The body is not valid JSON.");
        }
    }

    /** An amount without exponent and without zeros at its end: {@code 0.00045}, {@code 12.5}, {@code 0}. */
    public static String amount(BigDecimal value) {
        return value.signum() == 0 ? "0" : value.stripTrailingZeros().toPlainString();
    }

    private static final class AmountSerializer extends JsonSerializer<BigDecimal> {
        @Override
        public void serialize(BigDecimal value, JsonGenerator json, SerializerProvider provider) throws IOException {
            json.writeString(amount(value));
        }
    }
}
