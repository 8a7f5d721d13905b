package dev.tokenmeter.schemas.serde;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.avro.Schema;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.errors.TimeoutException;

/**
 * The part of the Confluent Schema Registry REST API that serdes need. Ids are cached for good, as the registry never
 * reuses one. Blocking: call it from worker threads only. Safe for use by several threads.
 *
 * @see <a href="https://docs.confluent.io/platform/current/schema-registry/develop/api.html">Schema Registry API</a>
 */
public final class SchemaRegistryClient {
    private static final String CONTENT_TYPE = "application/vnd.schemaregistry.v1+json";
    private static final Duration TIMEOUT = Duration.ofSeconds(10);
    private static final ObjectMapper JSON = new ObjectMapper();

    private final List<URI> baseUrls;
    private final String userInfo;
    private final HttpClient http = HttpClient.newBuilder()
            .connectTimeout(Duration.ofSeconds(5))
            .version(HttpClient.Version.HTTP_1_1)
            .build();
    private final Map<Integer, Schema> schemaById = new ConcurrentHashMap<>();
    private final Map<SubjectSchema, Integer> idBySchema = new ConcurrentHashMap<>();

    private record SubjectSchema(String subject, Schema schema) {}

    /** A schema and the id under which the registry keeps it. */
    public record Registered(int id, Schema schema) {}

    /**
     * @param baseUrls tried in order until one answers
     * @param userInfo {@code user:password} for basic authentication, empty to take it from the URL if it is there
     */
    public SchemaRegistryClient(List<String> baseUrls, String userInfo) {
        this.baseUrls = baseUrls.stream()
                .map(url -> URI.create(url.endsWith("/") ? url.substring(0, url.length() - 1) : url))
                .toList();
        this.userInfo = userInfo;
    }

    /** Registers the schema under the subject, or finds it there; returns its id. */
    public int register(String subject, Schema schema, boolean normalize) {
        return idBySchema.computeIfAbsent(new SubjectSchema(subject, schema), key -> {
            JsonNode answer = post("/subjects/" + encode(subject) + "/versions?normalize=" + normalize, schema);
            return id(answer, "register " + subject);
        });
    }

    /** Finds the schema under the subject; returns its id. */
    public int lookUp(String subject, Schema schema, boolean normalize) {
        return idBySchema.computeIfAbsent(new SubjectSchema(subject, schema), key -> {
            JsonNode answer = post("/subjects/" + encode(subject) + "?normalize=" + normalize, schema);
            return id(answer, "look up " + subject);
        });
    }

    /** The subject's latest version, never cached. */
    public Registered latest(String subject) {
        JsonNode answer = get("/subjects/" + encode(subject) + "/versions/latest");
        return new Registered(
                id(answer, "latest of " + subject),
                new Schema.Parser().parse(answer.path("schema").asText()));
    }

    /** The schema with that id. */
    public Schema byId(int id) {
        Schema known = schemaById.get(id);
        if (known != null) {
            return known;
        }
        Schema fetched = new Schema.Parser()
                .parse(get("/schemas/ids/" + id).path("schema").asText());
        schemaById.put(id, fetched);
        return fetched;
    }

    private static int id(JsonNode answer, String what) {
        if (!answer.path("id").canConvertToInt()) {
            throw new SerializationException("schema registry: no id in the answer to " + what);
        }
        return answer.path("id").asInt();
    }

    private JsonNode get(String path) {
        return send(path, null);
    }

    private JsonNode post(String path, Schema schema) {
        ObjectNode body = JSON.createObjectNode().put("schema", schema.toString());
        return send(path, body.toString());
    }

    private JsonNode send(String path, String body) {
        IOException last = null;
        for (URI base : baseUrls) {
            try {
                return answer(base, path, http.send(request(base, path, body), HttpResponse.BodyHandlers.ofString()));
            } catch (IOException e) {
                last = e;
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new org.apache.kafka.common.errors.InterruptException(e);
            }
        }
        List<String> tried =
                baseUrls.stream().map(SchemaRegistryClient::withoutUserInfo).toList();
        throw new TimeoutException("schema registry: no answer from " + tried + " (schema.registry.url)", last);
    }

    private HttpRequest request(URI base, String path, String body) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(withoutUserInfo(base) + path))
                .timeout(TIMEOUT)
                .header("Accept", CONTENT_TYPE + ", application/json");
        String credentials = userInfo.isEmpty() && base.getUserInfo() != null ? base.getUserInfo() : userInfo;
        if (!credentials.isEmpty()) {
            byte[] bytes = credentials.getBytes(StandardCharsets.UTF_8);
            request.header("Authorization", "Basic " + Base64.getEncoder().encodeToString(bytes));
        }
        return body == null
                ? request.build()
                : request.header("Content-Type", CONTENT_TYPE)
                        .POST(HttpRequest.BodyPublishers.ofString(body))
                        .build();
    }

    private static JsonNode answer(URI base, String path, HttpResponse<String> response) throws IOException {
        int status = response.statusCode();
        if (status / 100 == 2) {
            return JSON.readTree(response.body());
        }
        String message = "schema registry " + withoutUserInfo(base) + path + " answered " + status + ": "
                + errorMessage(response.body());
        if (isAboutTheSchema(status, response.body())) {
            throw new SerializationException(message);
        }
        throw new RegistryUnavailableException(message);
    }

    /** A refused password or a proxy's error page is not the record's fault: only the registry's own verdict is. */
    private static boolean isAboutTheSchema(int status, String body) {
        if (status != 404 && status != 409 && status != 422) {
            return false;
        }
        try {
            return JSON.readTree(body).path("error_code").isInt();
        } catch (JsonProcessingException notJson) {
            return false;
        }
    }

    private static String errorMessage(String body) {
        try {
            return JSON.readTree(body).path("message").asText(body);
        } catch (JsonProcessingException notJson) {
            return body;
        }
    }

    private static String withoutUserInfo(URI base) {
        return base.getRawUserInfo() == null
                ? base.toString()
                : base.toString().replace(base.getRawUserInfo() + "@", "");
    }

    private static String encode(String pathSegment) {
        return URLEncoder.encode(pathSegment, StandardCharsets.UTF_8).replace("+", "%20");
    }

    /** The registry is there but cannot answer now: worth another try, so not a sign of a bad record. */
    private static final class RegistryUnavailableException extends RetriableException {
        RegistryUnavailableException(String message) {
            super(message);
        }
    }
}
