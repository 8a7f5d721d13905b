import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.UUID;

/**
 * Tells Tokenmeter of a call that did not pass its gateway, as a CloudEvent. Java 17 and newer, no library needed.
 *
 * <pre>TOKENMETER_URL=http://127.0.0.1:8090 TOKENMETER_TOKEN=... java SendUsage.java</pre>
 */
public class SendUsage {
    private static final String EVENT =
            """
            {"specversion": "1.0", "type": "dev.tokenmeter.usage", "source": "/jobs/nightly", "id": "%s", "time": "%s",
             "data": {"provider": "openai", "model": "text-embedding-3-small", "operation": "embeddings",
                      "input_tokens": %d, "tags": {"feature": "search", "team": "growth"}}}
            """;

    public static void main(String[] args) throws Exception {
        String event = EVENT.formatted(UUID.randomUUID(), Instant.now(), 8_000);
        System.out.println(send(event, 5));
    }

    /** May be repeated under the same id, as each id counts once. */
    private static String send(String event, int attempts) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(
                        URI.create(environment("TOKENMETER_URL", "http://127.0.0.1:8090") + "/api/v1/events"))
                .timeout(Duration.ofSeconds(35))
                .header("Content-Type", "application/cloudevents+json")
                .POST(HttpRequest.BodyPublishers.ofString(event));
        String token = environment("TOKENMETER_TOKEN", "");
        if (!token.isEmpty()) {
            request.header("Authorization", "Bearer " + token);
        }
        HttpClient http = HttpClient.newHttpClient();
        for (int attempt = 0; attempt < attempts; attempt++) {
            try {
                HttpResponse<String> answer = http.send(request.build(), HttpResponse.BodyHandlers.ofString());
                if (answer.statusCode() == 202) {
                    return answer.body();
                } else if (answer.statusCode() < 500 && answer.statusCode() != 429) {
                    throw new IllegalArgumentException(answer.body());
                }
            } catch (java.io.IOException e) {
                System.err.println("trying again: " + e);
            }
            Thread.sleep(1_000L << attempt);
        }
        throw new IllegalStateException("Tokenmeter could not be reached; keep the call and send it later");
    }

    private static String environment(String name, String byDefault) {
        return System.getenv().getOrDefault(name, byDefault);
    }
}
