package dev.tokenmeter.standalone.registry;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.Schema;

/**
 * A schema in the one spelling that Avro gives it: white space and the order of standard attributes do not tell two
 * schemas apart, documentation and defaults do, as to lose them would be to lose part of the contract.
 *
 * @param text what clients are given
 */
record AvroText(String text, Schema schema) {
    private static final ObjectMapper SORTED =
            new ObjectMapper().configure(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS, true);

    /** @throws RegistryException if it is no Avro schema */
    static AvroText parse(String json) {
        try {
            Schema schema = new Schema.Parser().parse(json);
            return new AvroText(schema.toString(), schema);
        } catch (AvroRuntimeException e) {
            throw RegistryException.invalidSchema(e.getMessage());
        }
    }

    /** The same schema with its custom properties in alphabetical order too, which Avro leaves as they came. */
    AvroText normalized() {
        try {
            Object tree = SORTED.readValue(text, Object.class);
            return parse(SORTED.writeValueAsString(tree));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("Avro wrote a schema that is not JSON", e);
        }
    }
}
