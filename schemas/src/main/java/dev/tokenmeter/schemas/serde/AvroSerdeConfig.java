package dev.tokenmeter.schemas.serde;

import java.util.Map;
import java.util.Set;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;
import org.apache.kafka.common.config.ConfigDef.Type;
import org.apache.kafka.common.config.types.Password;

/**
 * The keys that the serdes take. Names, types and defaults are Confluent's
 * (<a href="https://docs.confluent.io/platform/current/schema-registry/fundamentals/serdes-develop/index.html">serdes</a>),
 * except that {@code specific.avro.reader} defaults to true: Tokenmeter's readers want the generated classes.
 */
public final class AvroSerdeConfig extends AbstractConfig {
    /** Comma-separated base URLs of the registry; the first that answers is used. */
    public static final String SCHEMA_REGISTRY_URL = "schema.registry.url";

    public static final String AUTO_REGISTER_SCHEMAS = "auto.register.schemas";
    public static final String USE_LATEST_VERSION = "use.latest.version";
    public static final String SPECIFIC_AVRO_READER = "specific.avro.reader";
    public static final String NORMALIZE_SCHEMAS = "normalize.schemas";
    /** URL, USER_INFO or empty. */
    public static final String BASIC_AUTH_CREDENTIALS_SOURCE = "basic.auth.credentials.source";

    /** {@code user:password}. */
    public static final String BASIC_AUTH_USER_INFO = "basic.auth.user.info";

    public static final String KEY_SUBJECT_NAME_STRATEGY = "key.subject.name.strategy";
    public static final String VALUE_SUBJECT_NAME_STRATEGY = "value.subject.name.strategy";

    private static final ConfigDef DEFINITION = new ConfigDef()
            .define(SCHEMA_REGISTRY_URL, Type.LIST, Importance.HIGH, "Base URLs of the schema registry.")
            .define(AUTO_REGISTER_SCHEMAS, Type.BOOLEAN, true, Importance.MEDIUM, "Register a schema when first sent.")
            .define(USE_LATEST_VERSION, Type.BOOLEAN, false, Importance.LOW, "Send under the subject's latest schema.")
            .define(SPECIFIC_AVRO_READER, Type.BOOLEAN, true, Importance.MEDIUM, "Read into generated classes.")
            .define(NORMALIZE_SCHEMAS, Type.BOOLEAN, false, Importance.LOW, "Ask the registry to normalize.")
            .define(BASIC_AUTH_CREDENTIALS_SOURCE, Type.STRING, "URL", Importance.MEDIUM, "URL or USER_INFO.")
            .define(BASIC_AUTH_USER_INFO, Type.PASSWORD, "", Importance.MEDIUM, "user:password")
            .define(KEY_SUBJECT_NAME_STRATEGY, Type.STRING, "TopicNameStrategy", Importance.LOW, "Subject of keys.")
            .define(
                    VALUE_SUBJECT_NAME_STRATEGY,
                    Type.STRING,
                    "TopicNameStrategy",
                    Importance.LOW,
                    "Subject of values.");

    /** @throws org.apache.kafka.common.config.ConfigException naming the key that is missing or wrong */
    public AvroSerdeConfig(Map<String, ?> configs) {
        super(DEFINITION, configs, false);
    }

    /** All keys that the serdes know. */
    public static Set<String> names() {
        return DEFINITION.names();
    }

    SchemaRegistryClient registryClient() {
        Password userInfo = getPassword(BASIC_AUTH_USER_INFO);
        boolean fromUserInfo = "USER_INFO".equals(getString(BASIC_AUTH_CREDENTIALS_SOURCE));
        return new SchemaRegistryClient(getList(SCHEMA_REGISTRY_URL), fromUserInfo ? userInfo.value() : "");
    }

    SubjectNameStrategy subjectNameStrategy(boolean key) {
        String setting = key ? KEY_SUBJECT_NAME_STRATEGY : VALUE_SUBJECT_NAME_STRATEGY;
        return SubjectNameStrategy.of(setting, getString(setting));
    }
}
