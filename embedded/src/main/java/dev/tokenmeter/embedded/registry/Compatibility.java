package dev.tokenmeter.embedded.registry;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.apache.avro.Schema;
import org.apache.avro.SchemaValidationException;
import org.apache.avro.SchemaValidator;
import org.apache.avro.SchemaValidatorBuilder;

/**
 * What a new schema of a subject must be able to do with the ones before it, decided by Avro's own checker.
 *
 * @see <a href="https://docs.confluent.io/platform/current/schema-registry/fundamentals/schema-evolution.html">Schema
 *     evolution</a>
 */
enum Compatibility {
    NONE(null),
    BACKWARD(new SchemaValidatorBuilder().canReadStrategy().validateLatest()),
    BACKWARD_TRANSITIVE(new SchemaValidatorBuilder().canReadStrategy().validateAll()),
    FORWARD(new SchemaValidatorBuilder().canBeReadStrategy().validateLatest()),
    FORWARD_TRANSITIVE(new SchemaValidatorBuilder().canBeReadStrategy().validateAll()),
    FULL(new SchemaValidatorBuilder().mutualReadStrategy().validateLatest()),
    FULL_TRANSITIVE(new SchemaValidatorBuilder().mutualReadStrategy().validateAll());

    private final SchemaValidator validator;

    Compatibility(SchemaValidator validator) {
        this.validator = validator;
    }

    static Compatibility parse(String name) {
        return Arrays.stream(values())
                .filter(level -> level.name().equals(name))
                .findFirst()
                .orElseThrow(() -> RegistryException.invalidLevel(name));
    }

    static String names() {
        return Arrays.stream(values()).map(Enum::name).collect(Collectors.joining(", "));
    }

    /**
     * @param earlier schemas of the subject, newest first
     * @return why the candidate will not do, or null if it will
     */
    String objection(Schema candidate, List<Schema> earlier) {
        if (validator == null) {
            return null;
        }
        try {
            validator.validate(candidate, earlier);
            return null;
        } catch (SchemaValidationException e) {
            return e.getMessage();
        }
    }
}
