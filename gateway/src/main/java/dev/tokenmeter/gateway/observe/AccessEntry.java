package dev.tokenmeter.gateway.observe;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.tokenmeter.schemas.TokenKind;
import dev.tokenmeter.schemas.UsageEvent;
import java.io.IOException;
import java.io.StringWriter;
import java.time.Instant;
import java.util.function.ToLongFunction;

/**
 * A line of the access log.
 *
 * @param time when the call ended
 * @param trail how it came
 * @param path as called, without its query, where keys may stand
 * @param provider as configured; empty when the path names none
 * @param status that the client gets; null when it gets none
 * @param errorCode our word for why the call failed here; null when it did not
 * @param latencyMs since it came; null when it went no further than the door
 * @param event null when the call is not metered
 */
public record AccessEntry(
        Instant time,
        Trail trail,
        String path,
        String provider,
        Integer status,
        String errorCode,
        Long latencyMs,
        UsageEvent event) {
    private static final JsonFactory JSON = new JsonFactory();
    private static final int MAX_PATH = 512;

    /** As one line of JSON. Fields that do not apply are absent. */
    String toJson() throws IOException {
        StringWriter line = new StringWriter(512);
        try (JsonGenerator json = JSON.createGenerator(line)) {
            json.writeStartObject();
            json.writeStringField("time", time.toString());
            text(
                    json,
                    "client_address",
                    trail.client() == null ? null : trail.client().hostAddress());
            text(json, "method", trail.method());
            text(json, "path", path.length() <= MAX_PATH ? path : path.substring(0, MAX_PATH));
            text(json, "provider", provider.isEmpty() ? null : provider);
            number(json, "status", status);
            text(json, "error_code", errorCode);
            number(json, "latency_ms", latencyMs);
            if (event != null) {
                writeEvent(json);
            }
            json.writeEndObject();
        }
        return line.toString();
    }

    private void writeEvent(JsonGenerator json) throws IOException {
        text(json, "event_id", event.getEventId().toString());
        text(json, "trace_id", event.getTraceId());
        json.writeNumberField("attempt", event.getAttempt());
        text(json, "tenant", event.getTenant());
        text(json, "api_key_id", event.getApiKeyId());
        text(json, "operation", event.getOperation());
        text(json, "requested_model", event.getRequestedModel());
        text(json, "model", event.getModel());
        json.writeBooleanField("streamed", event.getStreamed());
        text(json, "outcome", event.getOutcome().name());
        text(json, "usage_source", event.getUsageSource().name());
        json.writeNumberField("input_tokens", sum(kind -> kind.isInput() ? kind.of(event) : 0));
        json.writeNumberField("output_tokens", sum(kind -> kind.isInput() ? 0 : kind.of(event)));
        text(
                json,
                "cost_usd",
                event.getCostUsd() == null ? null : event.getCostUsd().toPlainString());
        number(json, "time_to_first_token_ms", event.getTimeToFirstTokenMs());
        json.writeNumberField("overhead_us", event.getOverheadUs());
        text(json, "provider_request_id", event.getProviderRequestId());
    }

    private static long sum(ToLongFunction<TokenKind> tokens) {
        long sum = 0;
        for (TokenKind kind : TokenKind.values()) {
            sum += tokens.applyAsLong(kind);
        }
        return sum;
    }

    private static void text(JsonGenerator json, String name, String value) throws IOException {
        if (value != null) {
            json.writeStringField(name, value);
        }
    }

    private static void number(JsonGenerator json, String name, Number value) throws IOException {
        if (value != null) {
            json.writeNumberField(name, value.longValue());
        }
    }
}
