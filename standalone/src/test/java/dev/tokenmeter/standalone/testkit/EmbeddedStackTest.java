package dev.tokenmeter.standalone.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmbeddedStackTest {
    @TempDir
    Path dir;

    @Test
    void allThreeServersAnswerAndStop() throws Exception {
        HttpClient http = HttpClient.newHttpClient();
        try (EmbeddedStack stack = new EmbeddedStack(dir)) {
            stack.createTopics("one");
            assertThat(get(http, stack.clickHouse().url() + "/ping")).isEqualTo("Ok.\n");
            assertThat(get(http, stack.registry().url() + "/subjects")).isEqualTo("[]");
        }
    }

    private static String get(HttpClient http, String url) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(URI.create(url)).build();
        return http.send(request, HttpResponse.BodyHandlers.ofString()).body();
    }
}
