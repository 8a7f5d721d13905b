package dev.tokenmeter.standalone;

import static dev.tokenmeter.standalone.RunningStandalone.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenmeter.aggregator.StreamAggregatorMain;
import dev.tokenmeter.alerting.AlertingMain;
import dev.tokenmeter.gateway.GatewayMain;
import dev.tokenmeter.queryapi.QueryApiMain;
import dev.tokenmeter.service.Settings;
import dev.tokenmeter.storage.StorageMain;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Each service as a process of its own, from its own main class, on servers that are named in its environment. */
@ExtendWith(StandaloneExtension.class)
class ServicesAloneTest {
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    @TempDir
    private Path folder;

    static Stream<Arguments> services() {
        return Stream.of(
                Arguments.of("gateway", GatewayMain.class),
                Arguments.of("stream-aggregator", StreamAggregatorMain.class),
                Arguments.of("storage", StorageMain.class),
                Arguments.of("alerting", AlertingMain.class),
                Arguments.of("query-api", QueryApiMain.class));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("services")
    void everyServiceStartsByItselfShowsHealthAndMetricsAndStopsOnSigterm(
            String section, Class<?> main, RunningStandalone product) throws Exception {
        int offset = RunningStandalone.freePortOffset();
        int managementPort = 9101 + offset;
        Process process = start(section, main, product.standalone.settings(), offset);
        try {
            await(
                    section + " is ready",
                    () -> get(managementPort, "/health/ready").statusCode() == 200);
            assertThat(get(managementPort, "/health/live").statusCode()).isEqualTo(200);
            assertThat(get(managementPort, "/metrics").body()).contains("jvm_memory_used_bytes");
            process.destroy();
            assertThat(process.waitFor(60, TimeUnit.SECONDS))
                    .as("stopped on SIGTERM")
                    .isTrue();
        } finally {
            process.destroyForcibly();
        }
    }

    @Test
    void aServiceThatLacksASettingSaysWhichAndExits() throws Exception {
        Path output = folder.resolve("output");
        Process process =
                builder(StorageMain.class).redirectOutput(output.toFile()).start();
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isEqualTo(2);
        assertThat(output)
                .content()
                .contains(
                        "storage: setting kafka.bootstrap.servers (environment TOKENMETER_KAFKA_BOOTSTRAP_SERVERS): not set")
                .doesNotContain("\tat ");
    }

    private Process start(String section, Class<?> main, Settings settings, int offset) throws Exception {
        ProcessBuilder builder = builder(main);
        Map<String, String> environment = new HashMap<>(Map.of(
                "TOKENMETER_KAFKA_BOOTSTRAP_SERVERS", settings.required("kafka.bootstrap.servers"),
                "TOKENMETER_KAFKA_SCHEMA_REGISTRY_URL", settings.required("kafka.schema.registry.url"),
                "TOKENMETER_CLICKHOUSE_URL", settings.required("clickhouse.url"),
                "TOKENMETER_CLICKHOUSE_PASSWORD", settings.required("clickhouse.password"),
                "TOKENMETER_GATEWAY_PORT", "0",
                "TOKENMETER_QUERY_API_PORT", "0",
                "TOKENMETER_GATEWAY_OUTBOX_DIR", folder.resolve("outbox").toString(),
                "TOKENMETER_STREAM_AGGREGATOR_STATE_DIR",
                        folder.resolve("streams").toString(),
                "TOKENMETER_ALERTING_STATE_DIR", folder.resolve("alerts").toString()));
        String prefix = "TOKENMETER_" + section.toUpperCase(Locale.ROOT).replace('-', '_');
        environment.put(prefix + "_MANAGEMENT_PORT", Integer.toString(9101 + offset));
        builder.environment().putAll(environment);
        return builder.redirectOutput(Path.of("target", section + "-alone.log").toFile())
                .start();
    }

    private static ProcessBuilder builder(Class<?> main) {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx256m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        main.getName())
                .redirectErrorStream(true);
    }

    private static HttpResponse<String> get(int port, String path) throws Exception {
        URI uri = URI.create("http://127.0.0.1:" + port + path);
        return HTTP.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString());
    }
}
