package dev.tokenmeter.embedded.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tokenmeter.embedded.kafka.EmbeddedKafka;
import dev.tokenmeter.schemas.Budget;
import dev.tokenmeter.schemas.UsageEvent;
import dev.tokenmeter.schemas.serde.SchemaRegistryClient;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SchemaRegistryTest {
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    private EmbeddedKafka kafka;
    private SchemaRegistry registry;

    @BeforeAll
    void start(@TempDir Path folder) {
        kafka = new EmbeddedKafka(folder, 0, 0, Map.of());
        registry = new SchemaRegistry(kafka.bootstrapServers(), "127.0.0.1", 0);
    }

    @AfterAll
    void stop() {
        registry.close();
        kafka.close();
    }

    @Test
    void theSameSchemaHasTheSameIdUnderEverySubjectAlsoAfterARestart() {
        SchemaRegistryClient client = client();
        int id = client.register("one-value", UsageEvent.getClassSchema(), false);
        assertThat(client.register("two-value", UsageEvent.getClassSchema(), false))
                .isEqualTo(id);
        assertThat(client.register("one-key", Budget.getClassSchema(), false)).isNotEqualTo(id);

        registry.close();
        registry = new SchemaRegistry(kafka.bootstrapServers(), "127.0.0.1", 0);

        assertThat(client().byId(id)).isEqualTo(UsageEvent.getClassSchema());
        assertThat(client().lookUp("two-value", UsageEvent.getClassSchema(), false))
                .isEqualTo(id);
        assertThat(client().latest("one-value").schema()).isEqualTo(UsageEvent.getClassSchema());
    }

    @Test
    void aSchemaThatCannotReadWhatWasWrittenIsRefusedByDefault() throws Exception {
        post("/subjects/evolving/versions", request(schema("a")));
        assertThat(post("/subjects/evolving/versions", request(withDefault("a", "b")))
                        .status())
                .isEqualTo(200);
        Answer refused = post("/subjects/evolving/versions", request(schema("a", "c")));
        assertThat(refused.status()).isEqualTo(409);
        assertThat(refused.object().getInteger("error_code")).isEqualTo(409);
        assertThat(array("/subjects/evolving/versions")).isEqualTo(new JsonArray(List.of(1, 2)));

        Answer check = post("/compatibility/subjects/evolving/versions/latest", request(schema("a", "c")));
        assertThat(check.object().getBoolean("is_compatible")).isFalse();
        send("PUT", "/config/evolving", new JsonObject().put("compatibility", "NONE"));
        assertThat(post("/subjects/evolving/versions", request(schema("a", "c")))
                        .status())
                .isEqualTo(200);
    }

    @ParameterizedTest
    @CsvSource({
        "GET, /subjects/nobody/versions, 404, 40401",
        "GET, /schemas/ids/999999, 404, 40403",
        "GET, /config/nobody, 404, 40408"
    })
    void whatIsNotThereHasConfluentsErrorCode(String method, String path, int status, int code) throws Exception {
        Answer answer = send(method, path, null);
        assertThat(answer.status()).isEqualTo(status);
        assertThat(answer.object().getInteger("error_code")).isEqualTo(code);
    }

    @Test
    void badInputHasConfluentsErrorCode() throws Exception {
        post("/subjects/there/versions", request(schema("a")));
        assertCode(send("GET", "/subjects/there/versions/9", null), 404, 40402);
        assertCode(send("GET", "/subjects/there/versions/first", null), 422, 42202);
        assertCode(post("/subjects/there/versions", new JsonObject().put("schema", "{}")), 422, 42201);
        assertCode(post("/subjects/there/versions", new JsonObject()), 422, 42201);
        assertCode(post("/subjects/there/versions", request(schema("a")).put("schemaType", "PROTOBUF")), 422, 42201);
        assertCode(send("PUT", "/config", new JsonObject().put("compatibility", "SOME")), 422, 42203);
        assertCode(post("/subjects/there", request(schema("never", "registered"))), 404, 40403);
    }

    @Test
    void theCompatibilityLevelOfASubjectDefaultsToTheGlobalOne() throws Exception {
        assertThat(send("GET", "/config", null).object().getString("compatibilityLevel"))
                .isEqualTo("BACKWARD");
        assertThat(send("GET", "/config/any?defaultToGlobal=true", null)
                        .object()
                        .getString("compatibilityLevel"))
                .isEqualTo("BACKWARD");
        send("PUT", "/config/strict", new JsonObject().put("compatibility", "FULL_TRANSITIVE"));
        assertThat(send("GET", "/config/strict", null).object().getString("compatibilityLevel"))
                .isEqualTo("FULL_TRANSITIVE");
        assertThat(send("DELETE", "/config/strict", null).status()).isEqualTo(200);
        assertThat(send("GET", "/config/strict", null).status()).isEqualTo(404);
    }

    @Test
    void aDeletedSubjectIsGoneButItsIdsCanStillBeRead() throws Exception {
        int id = post("/subjects/gone/versions", request(schema("gone")))
                .object()
                .getInteger("id");
        assertThat(send("DELETE", "/subjects/gone", null).status()).isEqualTo(200);
        assertCode(send("GET", "/subjects/gone/versions", null), 404, 40401);

        registry.close();
        registry = new SchemaRegistry(kafka.bootstrapServers(), "127.0.0.1", 0);

        assertCode(send("GET", "/subjects/gone/versions", null), 404, 40401);
        assertThat(send("GET", "/schemas/ids/" + id, null).status()).isEqualTo(200);
    }

    @Test
    void aPortInUseIsNamed() {
        int port = URI.create(registry.url()).getPort();
        assertThatThrownBy(() -> new SchemaRegistry(kafka.bootstrapServers(), "127.0.0.1", port))
                .hasMessage("schema registry: port " + port + " on 127.0.0.1 is in use");
    }

    private SchemaRegistryClient client() {
        return new SchemaRegistryClient(List.of(registry.url()), "");
    }

    private static Schema schema(String... fields) {
        SchemaBuilder.FieldAssembler<Schema> assembler =
                SchemaBuilder.record("Thing").namespace("test").fields();
        for (String field : fields) {
            assembler = assembler.requiredString(field);
        }
        return assembler.endRecord();
    }

    private static Schema withDefault(String required, String optional) {
        return SchemaBuilder.record("Thing")
                .namespace("test")
                .fields()
                .requiredString(required)
                .optionalString(optional)
                .endRecord();
    }

    private static JsonObject request(Schema schema) {
        return new JsonObject().put("schema", schema.toString());
    }

    private record Answer(int status, String body) {
        JsonObject object() {
            return new JsonObject(body);
        }
    }

    private static void assertCode(Answer answer, int status, int code) {
        assertThat(answer.status()).as(answer.body()).isEqualTo(status);
        assertThat(answer.object().getInteger("error_code")).isEqualTo(code);
    }

    private JsonArray array(String path) throws IOException, InterruptedException {
        return new JsonArray(send("GET", path, null).body());
    }

    private Answer post(String path, JsonObject body) throws IOException, InterruptedException {
        return send("POST", path, body);
    }

    private Answer send(String method, String path, JsonObject body) throws IOException, InterruptedException {
        HttpRequest.BodyPublisher publisher =
                body == null ? HttpRequest.BodyPublishers.noBody() : HttpRequest.BodyPublishers.ofString(body.encode());
        HttpRequest request = HttpRequest.newBuilder(URI.create(registry.url() + path))
                .header("Content-Type", "application/vnd.schemaregistry.v1+json")
                .method(method, publisher)
                .build();
        HttpResponse<String> response = HTTP.send(request, HttpResponse.BodyHandlers.ofString());
        return new Answer(response.statusCode(), response.body());
    }
}
