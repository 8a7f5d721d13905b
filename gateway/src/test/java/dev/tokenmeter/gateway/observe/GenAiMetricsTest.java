package dev.tokenmeter.gateway.observe;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenmeter.schemas.Outcome;
import dev.tokenmeter.schemas.UsageEvent;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.net.URI;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GenAiMetricsTest {
    private static final URI SERVER = URI.create("https://api.example.com/v1");

    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final GenAiMetrics metrics = new GenAiMetrics(registry, 2);

    private static UsageEvent.Builder event(String requested, String answered, Integer status) {
        return UsageEvent.newBuilder()
                .setEventId(UUID.randomUUID())
                .setOccurredAt(Instant.EPOCH)
                .setGatewayId("g")
                .setTenant("t")
                .setApiKeyId("k")
                .setProvider("mistral")
                .setOperation("messages")
                .setRequestedModel(requested)
                .setModel(answered)
                .setOutcome(Outcome.completed)
                .setHttpStatus(status)
                .setLatencyMs(15);
    }

    private List<String> series(String name) {
        return registry.scrape()
                .lines()
                .filter(line -> line.startsWith(name + "{"))
                .toList();
    }

    @Test
    void aCallHasTheLabelsOfTheConventions() {
        metrics.metered(event("large", "large-2", 200).setTextOutputTokens(7).build(), SERVER);
        assertThat(series("gen_ai_client_operation_duration_seconds_count"))
                .containsExactly(
                        "gen_ai_client_operation_duration_seconds_count{error_type=\"\","
                                + "gen_ai_operation_name=\"chat\",gen_ai_provider_name=\"mistral_ai\","
                                + "gen_ai_request_model=\"large\",gen_ai_response_model=\"large-2\","
                                + "http_response_status_code=\"200\",server_address=\"api.example.com\",server_port=\"443\"} 1");
        assertThat(series("gen_ai_client_operation_duration_seconds_bucket"))
                .filteredOn(line -> line.contains("le=\"0.02\""))
                .singleElement()
                .asString()
                .endsWith(" 1");
        assertThat(series("gen_ai_client_token_usage_sum"))
                .filteredOn(line -> line.contains("gen_ai_token_type=\"output\""))
                .singleElement()
                .asString()
                .endsWith(" 7.0");
    }

    @Test
    void modelsAreToldApartUpToTheBoundAndOnlyIfAProviderAnsweredForThem() {
        metrics.metered(event("made up", "made up", 404).build(), SERVER);
        for (int i = 0; i < 50; i++) {
            metrics.metered(event("m" + i, "m" + i, 200).build(), SERVER);
        }
        metrics.metered(event("m1", "m1", 429).build(), SERVER);
        assertThat(series("gen_ai_client_operation_duration_seconds_count"))
                .extracting(line -> line.replaceAll(
                        ".*request_model=\"(.*?)\".*response_model=\"(.*?)\".*code=\"(.*?)\".*", "$1 $2 $3"))
                .containsExactlyInAnyOrder("other  404", "m0 m0 200", "m1 m1 200", "other other 200", "m1  429");
    }

    @ParameterizedTest
    @CsvSource({
        "completed, 200,",
        "completed,,",
        "upstream_error, 429, 429",
        "upstream_error, 200, upstream_error",
        "upstream_error,, upstream_error",
        "timeout,, timeout",
        "client_aborted, 200, client_aborted",
        "blocked,, blocked"
    })
    void anErrorIsItsStatusOrElseHowTheCallEnded(Outcome outcome, Integer status, String type) {
        assertThat(GenAi.errorType(outcome, status)).isEqualTo(type);
    }
}
