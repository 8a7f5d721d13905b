package dev.tokenmeter.standalone.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Option;

/** Where the query API is, as options of a command, and how it is asked. Blocking. */
final class ApiClient {
    /** The API refused, or does not answer; the message is for the user. */
    static final class ApiException extends IllegalStateException {
        private static final long serialVersionUID = 1L;

        ApiException(String message) {
            super(message);
        }
    }

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .build();

    @Option(
            names = "--api",
            paramLabel = "URL",
            defaultValue = "${env:TOKENMETER_API:-http://127.0.0.1:8090}",
            description = "The query API; default $TOKENMETER_API, or http://127.0.0.1:8090.")
    private URI api;

    private final HttpClient http =
            HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build();

    /** The answer's {@code data}; null for none. */
    JsonNode get(String path) throws InterruptedException {
        return answer("GET", path, null).path("data");
    }

    /** An answer that is not JSON. */
    String text(String path) throws InterruptedException {
        return new String(request("GET", path, null, null), StandardCharsets.UTF_8);
    }

    /** A file as it is; the answer's {@code data}. */
    JsonNode upload(String path, String mediaType, byte[] file) throws InterruptedException {
        return json(request("POST", path, mediaType, file)).path("data");
    }

    /** @param body written as JSON; null for none */
    JsonNode send(String method, String path, Object body) throws InterruptedException {
        return answer(method, path, body).path("data");
    }

    /** The whole answer, {@code data} and {@code meta}. */
    JsonNode answer(String method, String path, Object body) throws InterruptedException {
        return json(request(method, path, "application/json", body == null ? null : written(body)));
    }

    private byte[] request(String method, String path, String mediaType, byte[] body) throws InterruptedException {
        try {
            HttpRequest.Builder request =
                    HttpRequest.newBuilder(api.resolve(path)).timeout(PATIENCE);
            if (body == null) {
                request.method(method, HttpRequest.BodyPublishers.noBody());
            } else {
                request.method(method, HttpRequest.BodyPublishers.ofByteArray(body))
                        .header("Content-Type", mediaType);
            }
            String token = System.getenv("TOKENMETER_API_TOKEN");
            if (token != null) {
                request.header("Authorization", "Bearer " + token);
            }
            return accepted(http.send(request.build(), HttpResponse.BodyHandlers.ofByteArray()));
        } catch (IOException e) {
            throw new ApiException("the query API does not answer at " + api + "; is it running? (--api URL)");
        } catch (IllegalArgumentException e) {
            throw new ApiException("--api: found " + api + "; allowed: an http or https URL");
        }
    }

    private byte[] accepted(HttpResponse<byte[]> answer) {
        if (answer.statusCode() == 401) {
            throw new ApiException("the query API wants a token: set TOKENMETER_API_TOKEN");
        }
        if (answer.statusCode() >= 300) {
            throw new ApiException(json(answer.body()).path("detail").asText("HTTP " + answer.statusCode()));
        }
        return answer.body();
    }

    private JsonNode json(byte[] body) {
        try {
            return body.length == 0 ? JSON.nullNode() : JSON.readTree(body);
        } catch (IOException e) {
            throw new ApiException("what answers at " + api + " is no query API (--api URL)");
        }
    }

    private static byte[] written(Object body) {
        try {
            return JSON.writeValueAsBytes(body);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Those parameters that are not null. */
    static String query(Map<String, String> parameters) {
        List<String> given = new ArrayList<>();
        parameters.forEach((name, value) -> {
            if (value != null) {
                given.add(encoded(name) + "=" + encoded(value));
            }
        });
        return given.isEmpty() ? "" : "?" + String.join("&", given);
    }

    static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }

    static String pretty(JsonNode json) {
        return json.toPrettyString();
    }
}
