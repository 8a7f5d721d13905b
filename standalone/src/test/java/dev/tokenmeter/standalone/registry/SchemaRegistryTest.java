package dev.tokenmeter.standalone.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tokenmeter.schemas.UsageEvent;
import dev.tokenmeter.schemas.serde.SchemaRegistryClient;
import dev.tokenmeter.standalone.kafka.EmbeddedKafka;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.avro.Schema;
import org.apache.kafka.common.errors.SerializationException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SchemaRegistryTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String ONE = record("{\"name\":\"a\",\"type\":\"string\"}");
    private static final String WITH_OPTIONAL =
            record("{\"name\":\"a\",\"type\":\"string\"},{\"name\":\"b\",\"type\":\"int\",\"default\":0}");
    private static final String WITH_REQUIRED =
            record("{\"name\":\"a\",\"type\":\"string\"},{\"name\":\"b\",\"type\":\"int\"}");

    @TempDir
    static Path dir;

    private static EmbeddedKafka kafka;
    private static SchemaRegistry registry;

    private final HttpClient http = HttpClient.newHttpClient();
    private final String subject = "s-" + UUID.randomUUID();

    @BeforeAll
    static void start() {
        kafka = new EmbeddedKafka(dir, 0, 0, Map.of());
        registry = new SchemaRegistry(kafka.bootstrapServers(), "127.0.0.1", 0);
    }

    @AfterAll
    static void stop() {
        registry.close();
        kafka.close();
    }

    @Test
    void ourOwnClientRegistersLooksUpAndReadsBack() {
        SchemaRegistryClient client = new SchemaRegistryClient(List.of(registry.url()), "");
        Schema usage = UsageEvent.getClassSchema();
        int id = client.register(subject, usage, false);
        SchemaRegistryClient stranger = new SchemaRegistryClient(List.of(registry.url()), "");
        assertThat(stranger.lookUp(subject, usage, false)).isEqualTo(id);
        assertThat(stranger.byId(id)).isEqualTo(usage);
        assertThat(stranger.latest(subject)).isEqualTo(new SchemaRegistryClient.Registered(id, usage));
        assertThatThrownBy(() -> stranger.byId(999_999))
                .isInstanceOf(SerializationException.class)
                .hasMessageContaining("Schema not found");
    }

    @Test
    void aSchemaHasOneIdUnderAllSubjects() throws Exception {
        int first = register(subject, ONE).body().path("id").asInt();
        assertThat(register(subject + "-2", " " + ONE + "\n").body().path("id").asInt())
                .isEqualTo(first);
        assertThat(register(subject, ONE).body().path("version").asInt()).isEqualTo(1);
        JsonNode uses = get("/schemas/ids/" + first + "/versions").body();
        assertThat(uses.findValuesAsText("subject")).contains(subject, subject + "-2");
    }

    @Test
    void normalizingIgnoresTheOrderOfCustomProperties() throws Exception {
        String one = "{\"type\":\"string\",\"x\":1,\"y\":2}";
        String other = "{\"type\":\"string\",\"y\":2,\"x\":1}";
        String path = "/subjects/" + subject + "/versions?normalize=true";
        int id = post(path, schema(one)).body().path("id").asInt();
        assertThat(post(path, schema(other)).body().path("id").asInt()).isEqualTo(id);
        assertThat(post("/subjects/" + subject + "?normalize=true", schema(other))
                        .body()
                        .path("version")
                        .asInt())
                .isEqualTo(1);
    }

    @ParameterizedTest
    @CsvSource({
        "NONE, true, true",
        "BACKWARD, true, false",
        "BACKWARD_TRANSITIVE, true, false",
        "FORWARD, true, true",
        "FORWARD_TRANSITIVE, true, true",
        "FULL, true, false",
        "FULL_TRANSITIVE, true, false"
    })
    void aLevelDecidesWhatMayFollow(String level, boolean optionalMay, boolean requiredMay) throws Exception {
        register(subject, ONE);
        assertThat(put("/config/" + subject, "{\"compatibility\":\"" + level + "\"}")
                        .body()
                        .path("compatibility")
                        .asText())
                .isEqualTo(level);
        assertThat(isCompatible("latest", WITH_OPTIONAL)).isEqualTo(optionalMay);
        assertThat(isCompatible("1", WITH_REQUIRED)).isEqualTo(requiredMay);
        assertThat(register(subject, WITH_REQUIRED).status()).isEqualTo(requiredMay ? 200 : 409);
    }

    @Test
    void aTransitiveLevelLooksAtAllVersions() throws Exception {
        register(subject, WITH_OPTIONAL);
        register(subject, ONE);
        // Unlike the latest version, the first had a field b, of another type.
        String both =
                record("{\"name\":\"a\",\"type\":\"string\"},{\"name\":\"b\",\"type\":\"string\",\"default\":\"\"}");
        put("/config/" + subject, "{\"compatibility\":\"BACKWARD_TRANSITIVE\"}");
        assertThat(register(subject, both).status()).isEqualTo(409);
        put("/config/" + subject, "{\"compatibility\":\"BACKWARD\"}");
        assertThat(register(subject, both).status()).isEqualTo(200);
    }

    @Test
    void errorsHaveConfluentsCodes() throws Exception {
        assertError(get("/subjects/none/versions"), 404, 40401);
        register(subject, ONE);
        assertError(get("/subjects/" + subject + "/versions/7"), 404, 40402);
        assertError(get("/subjects/" + subject + "/versions/x"), 422, 42202);
        assertError(get("/schemas/ids/999999"), 404, 40403);
        assertError(post("/subjects/" + subject, schema(WITH_OPTIONAL)), 404, 40403);
        assertError(register(subject, "{\"type\":\"nonsense\"}"), 422, 42201);
        assertError(register(subject, WITH_REQUIRED), 409, 409);
        assertError(put("/config", "{\"compatibility\":\"SIDEWAYS\"}"), 422, 42203);
        assertError(get("/config/" + subject), 404, 40408);
        assertError(post("/subjects/x/versions", "{\"schema\":\"{}\",\"schemaType\":\"PROTOBUF\"}"), 422, 42201);
        assertError(post("/subjects/x/versions", "[]"), 400, 400);
    }

    @Test
    void theSmallQuestionsOfClientsAreAnswered() throws Exception {
        register(subject, ONE);
        assertThat(get("/").status()).isEqualTo(200);
        assertThat(get("/subjects").body().toString()).contains(subject);
        assertThat(get("/subjects/" + subject + "/versions").body().toString()).isEqualTo("[1]");
        assertThat(get("/subjects/" + subject + "/versions/latest/schema").body())
                .isEqualTo(JSON.readTree(ONE));
        assertThat(get("/schemas/types").body().toString()).isEqualTo("[\"AVRO\"]");
        assertThat(get("/mode").body().path("mode").asText()).isEqualTo("READWRITE");
        assertThat(get("/config").body().path("compatibilityLevel").asText()).isEqualTo("BACKWARD");
        assertThat(get("/config/" + subject + "?defaultToGlobal=true")
                        .body()
                        .path("compatibilityLevel")
                        .asText())
                .isEqualTo("BACKWARD");
    }

    @Test
    void allIsThereAfterARestartAndIdsOfDeletedSubjectsStayValid() throws Exception {
        int id = register(subject, ONE).body().path("id").asInt();
        put("/config/" + subject, "{\"compatibility\":\"FULL\"}");
        String gone = subject + "-gone";
        int goneId = register(gone, record("{\"name\":\"gone\",\"type\":\"long\"}"))
                .body()
                .path("id")
                .asInt();
        assertThat(send("DELETE", "/subjects/" + gone, null).body().toString()).isEqualTo("[1]");
        registry.close();
        registry = new SchemaRegistry(kafka.bootstrapServers(), "127.0.0.1", 0);
        assertThat(register(subject, ONE).body().path("id").asInt()).isEqualTo(id);
        assertThat(get("/config/" + subject).body().path("compatibilityLevel").asText())
                .isEqualTo("FULL");
        assertError(get("/subjects/" + gone + "/versions"), 404, 40401);
        assertThat(get("/schemas/ids/" + goneId).status()).isEqualTo(200);
        assertThat(register(subject + "-new", record("")).body().path("id").asInt())
                .isGreaterThan(goneId);
    }

    @Test
    void saysWhichPortIsTaken() throws Exception {
        try (ServerSocket other = new ServerSocket(0, 1, java.net.InetAddress.getByName("127.0.0.1"))) {
            int port = other.getLocalPort();
            assertThatThrownBy(() -> new SchemaRegistry(kafka.bootstrapServers(), "127.0.0.1", port))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("port " + port)
                    .hasMessageContaining("in use");
        }
    }

    private record Answer(int status, JsonNode body) {}

    private static void assertError(Answer answer, int status, int code) {
        assertThat(answer.status()).isEqualTo(status);
        assertThat(answer.body().path("error_code").asInt()).isEqualTo(code);
        assertThat(answer.body().path("message").asText()).isNotBlank();
    }

    private boolean isCompatible(String version, String schema) throws Exception {
        return post("/compatibility/subjects/" + subject + "/versions/" + version, schema(schema))
                .body()
                .path("is_compatible")
                .asBoolean();
    }

    private Answer register(String name, String schema) throws Exception {
        return post("/subjects/" + name + "/versions", schema(schema));
    }

    private static String schema(String schema) {
        return JSON.createObjectNode().put("schema", schema).toString();
    }

    private static String record(String fields) {
        return "{\"type\":\"record\",\"name\":\"R\",\"namespace\":\"x\",\"fields\":[" + fields + "]}";
    }

    private Answer get(String path) throws Exception {
        return send("GET", path, null);
    }

    private Answer post(String path, String body) throws Exception {
        return send("POST", path, body);
    }

    private Answer put(String path, String body) throws Exception {
        return send("PUT", path, body);
    }

    private Answer send(String method, String path, String body) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(URI.create(registry.url() + path))
                .method(
                        method,
                        body == null ? HttpRequest.BodyPublishers.noBody() : HttpRequest.BodyPublishers.ofString(body))
                .build();
        HttpResponse<String> response = http.send(request, HttpResponse.BodyHandlers.ofString());
        assertThat(response.headers().firstValue("Content-Type")).contains("application/vnd.schemaregistry.v1+json");
        return new Answer(response.statusCode(), JSON.readTree(response.body()));
    }
}
