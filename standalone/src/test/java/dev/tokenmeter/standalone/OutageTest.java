package dev.tokenmeter.standalone;

import static dev.tokenmeter.standalone.RunningStandalone.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenmeter.schemas.UsageEvent;
import dev.tokenmeter.standalone.demo.DemoProvider;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Everything that the gateway depends on taken away under it, and the gateway killed. */
class OutageTest {
    private static final String CALL =
            "{\"model\":\"gpt-4o\",\"stream\":true,\"messages\":[{\"role\":\"user\",\"content\":\"Hello\"}]}";

    private final HttpClient http = HttpClient.newHttpClient();

    @TempDir
    private Path folder;

    @Test
    void everyAnsweredCallIsInTheLogAfterKafkaAndTheRegistryWereGoneAndTheGatewayWasKilled() throws Exception {
        try (DemoProvider provider = new DemoProvider();
                Surroundings around = new Surroundings(folder)) {
            around.startKafkaAndRegistry();
            around.startGateway(provider.openAiBaseUrl());
            await("the gateway is ready", around::isReady);
            call(around, 5);

            around.stopKafkaAndRegistry();
            long begin = System.nanoTime();
            call(around, 25);
            assertThat(Duration.ofNanos(System.nanoTime() - begin))
                    .as("25 streams of some 100 ms, with nothing to write the events to")
                    .isLessThan(Duration.ofSeconds(25));
            around.killGateway();

            around.startKafkaAndRegistry();
            around.startGateway(provider.openAiBaseUrl());
            await("every event is in the log", () -> around.events().size() >= 30);
            call(around, 1);
            await("the newest as well", () -> distinct(around) == 31);
            around.gateway().destroy();
            assertThat(around.gateway().waitFor()).isNotNull();
        }
    }

    private static int distinct(Surroundings around) {
        return around.events().stream()
                .map(UsageEvent::getEventId)
                .collect(Collectors.toSet())
                .size();
    }

    private void call(Surroundings around, int times) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(around.chatCompletions())
                .header("authorization", "Bearer own-key")
                .header("content-type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(CALL))
                .build();
        for (int i = 0; i < times; i++) {
            HttpResponse<String> answer = http.send(request, HttpResponse.BodyHandlers.ofString());
            assertThat(answer.statusCode()).isEqualTo(200);
            assertThat(answer.body()).endsWith("data: [DONE]\n\n");
        }
    }
}
