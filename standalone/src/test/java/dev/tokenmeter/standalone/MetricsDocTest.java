package dev.tokenmeter.standalone;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** {@code docs/metrics.md} lists what is exposed, and nothing else. */
@ExtendWith(StandaloneExtension.class)
class MetricsDocTest {
    private static final Pattern DOCUMENTED = Pattern.compile("(?m)^\\| `([a-z0-9_]+)` \\| .*$");
    private static final Pattern EXPOSED = Pattern.compile("(?m)^# TYPE ((?:tokenmeter|gen_ai)_\\w+) \\w+$");

    private final HttpClient http = HttpClient.newHttpClient();
    private final RunningStandalone product;

    MetricsDocTest(RunningStandalone product) {
        this.product = product;
    }

    @Test
    void everyMetricIsDocumentedAndEveryDocumentedOneIsExposed() throws Exception {
        call(product.newKey("metrics-doc"));
        Set<String> documented = documented(line -> true);
        Set<String> always = documented(line -> !line.contains("†"));
        Awaitility.await("what was stored shows")
                .atMost(Duration.ofSeconds(60))
                .untilAsserted(() -> assertThat(exposed()).containsAll(always));
        assertThat(documented).containsAll(exposed());
        Set<String> sometimes = new TreeSet<>(documented);
        sometimes.removeAll(always);
        String sources = sources();
        assertThat(sometimes)
                .allSatisfy(name -> assertThat(sources)
                        .contains("\"" + name.replaceAll("_total$", "").replace('_', '.') + "\""));
    }

    @Test
    void promtoolHasNothingToSayAgainstThem(@TempDir Path folder) throws Exception {
        call(product.newKey("metrics-lint"));
        Path ours = folder.resolve("ours.txt");
        Files.writeString(
                ours,
                scrape().lines()
                        .filter(line -> line.matches("(# (HELP|TYPE) )?(tokenmeter|gen_ai)_.*"))
                        .distinct()
                        .collect(Collectors.joining("\n", "", "\n")));
        Process promtool;
        try {
            promtool = new ProcessBuilder("promtool", "check", "metrics")
                    .redirectInput(ours.toFile())
                    .redirectErrorStream(true)
                    .start();
        } catch (IOException e) {
            return; // not on this machine
        }
        String said = new String(promtool.getInputStream().readAllBytes());
        assertThat(promtool.waitFor(20, TimeUnit.SECONDS)).isTrue();
        assertThat(promtool.exitValue()).as(said).isZero();
    }

    private void call(String key) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(
                        URI.create(product.standalone.gateway() + "/openai/v1/chat/completions"))
                .header("authorization", "Bearer " + key)
                .header("content-type", "application/json")
                .POST(
                        HttpRequest.BodyPublishers.ofString(
                                "{\"model\":\"gpt-4o\",\"stream\":true,\"messages\":[{\"role\":\"user\",\"content\":\"Hello\"}]}"))
                .build();
        assertThat(http.send(request, HttpResponse.BodyHandlers.ofString()).statusCode())
                .isEqualTo(200);
    }

    private static Set<String> documented(java.util.function.Predicate<String> which) throws IOException {
        return DOCUMENTED
                .matcher(Files.readString(Path.of("..", "docs", "metrics.md")))
                .results()
                .filter(row -> which.test(row.group()))
                .map(row -> row.group(1))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private Set<String> exposed() throws Exception {
        Set<String> names = EXPOSED.matcher(scrape())
                .results()
                .map((MatchResult row) -> row.group(1))
                .collect(Collectors.toCollection(TreeSet::new));
        names.removeIf(name -> name.endsWith("_max"));
        return names;
    }

    /** The metrics of all services. */
    private String scrape() throws Exception {
        StringBuilder all = new StringBuilder();
        for (int port : List.of(9101, 9102, 9103, 9104, 9105)) {
            URI uri = URI.create("http://127.0.0.1:" + (port + product.portOffset) + "/metrics");
            all.append(http.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString())
                    .body());
        }
        return all.toString();
    }

    private static String sources() throws IOException {
        StringBuilder all = new StringBuilder();
        try (Stream<Path> files = Files.walk(Path.of(".."))) {
            for (Path file : files.filter(path -> path.toString().contains("/src/main/java/")
                            && path.toString().endsWith(".java"))
                    .toList()) {
                all.append(Files.readString(file));
            }
        }
        return all.toString();
    }
}
