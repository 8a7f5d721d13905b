package dev.tokenmeter.queryapi;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenmeter.queryapi.ApiForTests.Answer;
import dev.tokenmeter.schemas.ApiKey;
import dev.tokenmeter.schemas.Topics;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A virtual key from its making to its end. */
class KeyEndpointsTest {
    private static final String KEYS = "/api/v1/keys";
    private static ApiForTests api;

    @BeforeAll
    static void start() throws Exception {
        api = ApiForTests.start(Map.of());
    }

    @AfterAll
    static void stop() throws Exception {
        api.close();
    }

    private static JsonObject made(JsonObject body) throws Exception {
        Answer answer = api.send("POST", KEYS, body);
        assertThat(answer.status()).as(answer.body()).isEqualTo(201);
        return answer.json().getJsonObject("data");
    }

    private static JsonObject simple(String name) throws Exception {
        return made(JsonObject.of("tenant", "acme", "name", name));
    }

    private static String path(JsonObject key) {
        return KEYS + "/" + key.getString("api_key_id");
    }

    private static ApiKey stored(JsonObject key) throws Exception {
        List<ConsumerRecord<String, byte[]>> records = api.kafka.read(Topics.KEYS);
        ApiKey last = null;
        try (var deserializer = api.kafka.kafka().<ApiKey>valueDeserializer()) {
            for (ConsumerRecord<String, byte[]> record : records) {
                if (record.key().equals(key.getString("api_key_id"))) {
                    last = deserializer.deserialize(record.topic(), record.value());
                }
            }
        }
        return last;
    }

    private static String sha256(String text) throws Exception {
        return HexFormat.of()
                .formatHex(MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
    }

    @Test
    void allThatAKeyIsBoundToIsStoredAndReadBack() throws Exception {
        JsonObject body = new JsonObject("""
                {"tenant":"acme","name":"chatbot","tags":{"Team":"growth"},"overridable_tags":["Feature"],
                 "allowed_providers":["openai","my-vllm"],"allowed_models":["gpt-4o*","text-embedding-3-small"],
                 "allowed_operations":["chat","unbilled"],"requests_per_minute":60,"tokens_per_minute":100000,
                 "provider_keys":{"openai":"growth"},"expires_at":"2027-01-01T00:00:00Z"}""");
        JsonObject key = made(body);
        JsonObject read = api.data(path(key));
        body.put("tags", JsonObject.of("team", "growth")).put("overridable_tags", JsonArray.of("feature"));
        body.forEach(field ->
                assertThat(read.getValue(field.getKey())).as(field.getKey()).isEqualTo(field.getValue()));
        assertThat(read.containsKey("secret")).isFalse();
        ApiKey stored = stored(key);
        assertThat(stored.getKeyHash()).isEqualTo(sha256(key.getString("secret")));
        assertThat(stored.getAllowedModels()).containsExactly("gpt-4o*", "text-embedding-3-small");
        assertThat(stored.getTokensPerMinute()).isEqualTo(100_000);
        assertThat(stored.getProviderKeys()).isEqualTo(Map.of("openai", "growth"));
    }

    @Test
    void aChangeTouchesOnlyWhatItNamesAndNullTakesALimitAway() throws Exception {
        JsonObject key = made(new JsonObject("""
                {"tenant":"acme","name":"one","requests_per_minute":60,"tokens_per_minute":1000,
                 "allowed_models":["a"],"expires_at":"2027-01-01T00:00:00Z"}"""));
        Answer answer = api.send(
                "PATCH",
                path(key),
                new JsonObject("{\"tokens_per_minute\":null,\"allowed_models\":null,\"expires_at\":null,"
                        + "\"name\":\"two\"}"));
        JsonObject changed = answer.json().getJsonObject("data");
        assertThat(changed.getInteger("requests_per_minute")).isEqualTo(60);
        assertThat(changed.getValue("tokens_per_minute")).isNull();
        assertThat(changed.getJsonArray("allowed_models")).isEmpty();
        assertThat(changed.getValue("expires_at")).isNull();
        assertThat(changed.getString("name")).isEqualTo("two");
        assertThat(changed.getString("updated_at")).isEqualTo(ApiForTests.NOW.toString());
        assertThat(stored(key).getKeyHash()).isEqualTo(sha256(key.getString("secret")));
    }

    @Test
    void rotationGivesANewSecretToTheSameKeyAndLetsTheOldOneWorkOnForAWhile() throws Exception {
        JsonObject key = simple("rotated");
        Answer answer = api.send("POST", path(key) + "/rotate", JsonObject.of("grace_seconds", 60));
        assertThat(answer.status()).isEqualTo(200);
        JsonObject rotated = answer.json().getJsonObject("data");
        assertThat(rotated.getString("api_key_id")).isEqualTo(key.getString("api_key_id"));
        assertThat(rotated.getString("secret")).startsWith("tm-").isNotEqualTo(key.getString("secret"));
        Instant until = ApiForTests.NOW.plusSeconds(60);
        assertThat(rotated.getString("previous_secret_valid_until")).isEqualTo(until.toString());
        ApiKey stored = stored(key);
        assertThat(stored.getKeyHash()).isEqualTo(sha256(rotated.getString("secret")));
        assertThat(stored.getPreviousKeyHash()).isEqualTo(sha256(key.getString("secret")));
        assertThat(stored.getPreviousKeyValidUntil()).isEqualTo(until);
        assertThat(api.get(path(key)).body()).doesNotContain(rotated.getString("secret"), stored.getKeyHash());
    }

    @Test
    void aRotationWithoutGraceEndsTheOldSecretAtOnce() throws Exception {
        JsonObject key = simple("leaked");
        api.send("POST", path(key) + "/rotate", JsonObject.of("grace_seconds", 0));
        assertThat(stored(key).getPreviousKeyHash()).isNull();
        assertThat(stored(key).getKeyHash()).isNotEqualTo(sha256(key.getString("secret")));
    }

    @Test
    void deletingDisablesAndAChangeEnablesAgain() throws Exception {
        JsonObject key = simple("off");
        assertThat(api.send("DELETE", path(key), null).status()).isEqualTo(200);
        assertThat(api.data(path(key)).getBoolean("enabled")).isFalse();
        api.send("PATCH", path(key), JsonObject.of("enabled", true));
        assertThat(stored(key).getEnabled()).isTrue();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
                    {"tags":{"te am":"a"}}                  | tags
                    {"tags":"a"}                            | tags
                    {"overridable_tags":["te am"]}          | overridable_tags
                    {"overridable_tags":"team"}             | overridable_tags
                    {"allowed_providers":["OpenAI"]}        | allowed_providers
                    {"allowed_models":["gpt 4"]}            | allowed_models
                    {"allowed_models":[7]}                  | allowed_models
                    {"allowed_operations":["Chat!"]}        | allowed_operations
                    {"requests_per_minute":0}               | requests_per_minute
                    {"requests_per_minute":1.5}             | requests_per_minute
                    {"requests_per_minute":"60"}            | requests_per_minute
                    {"requests_per_minute":1000001}         | requests_per_minute
                    {"tokens_per_minute":-1}                | tokens_per_minute
                    {"tokens_per_minute":99999999999999999999} | tokens_per_minute
                    {"provider_keys":{"openai":"sk-SECRET!"}} | provider_keys
                    {"expires_at":"tomorrow"}               | expires_at
                    {"enabled":"no"}                        | enabled
                    {"enabled":null}                        | enabled
                    {"expires_at":"+999999999-12-31T00:00:00Z"} | expires_at
                    {"name":null}                           | name
                    {"tenant":"other"}                      | tenant
                    {"key_hash":"x"}                        | key_hash
                    """)
    void aWrongFieldIsNamedAndNothingIsChanged(String body, String field) throws Exception {
        JsonObject key = simple("careful");
        Answer answer = api.send("PATCH", path(key), new JsonObject(body));
        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.json().getString("parameter")).isEqualTo(field);
        assertThat(answer.json().getString("detail")).contains("allowed: ").doesNotContain("SECRET");
        assertThat(stored(key).getUpdatedAt()).isNull();
    }

    @Test
    void aGraceOutOfBoundsIsNamed() throws Exception {
        JsonObject key = simple("grace");
        for (Object seconds : List.of(-1, 2_592_001, "1h")) {
            Answer answer = api.send("POST", path(key) + "/rotate", JsonObject.of("grace_seconds", seconds));
            assertThat(answer.status()).isEqualTo(400);
            assertThat(answer.json().getString("parameter")).isEqualTo("grace_seconds");
        }
        assertThat(stored(key).getKeyHash()).isEqualTo(sha256(key.getString("secret")));
    }

    @Test
    void aKeyThatIsNotThereIsNotFound() throws Exception {
        assertThat(api.get(KEYS + "/key_none").status()).isEqualTo(404);
        assertThat(api.send("PATCH", KEYS + "/key_none", new JsonObject()).status())
                .isEqualTo(404);
        assertThat(api.send("POST", KEYS + "/key_none/rotate", new JsonObject()).status())
                .isEqualTo(404);
    }
}
