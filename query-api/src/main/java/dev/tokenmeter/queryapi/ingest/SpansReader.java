package dev.tokenmeter.queryapi.ingest;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.tokenmeter.queryapi.http.JsonText;
import dev.tokenmeter.queryapi.problem.Problem;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.ScopeSpans;
import io.opentelemetry.proto.trace.v1.Status;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Reads the spans of an OTLP request. JSON is read as OTLP has it, with ids in hexadecimal, which protobuf's own JSON has not.
 *
 * @see <a href="https://opentelemetry.io/docs/specs/otlp/#otlphttp">OTLP/HTTP</a>
 */
final class SpansReader {
    private SpansReader() {}

    static List<Span> protobuf(byte[] body) {
        try {
            List<Span> spans = new ArrayList<>();
            for (ResourceSpans resource :
                    ExportTraceServiceRequest.parseFrom(body).getResourceSpansList()) {
                Map<String, Object> shared = attributes(resource.getResource().getAttributesList());
                for (ScopeSpans scope : resource.getScopeSpansList()) {
                    scope.getSpansList().forEach(span -> spans.add(of(span, shared)));
                }
            }
            return spans;
        } catch (InvalidProtocolBufferException e) {
            throw Problem.badRequest("body: no ExportTraceServiceRequest of OTLP");
        }
    }

    private static Span of(io.opentelemetry.proto.trace.v1.Span span, Map<String, Object> shared) {
        Map<String, Object> attributes = new HashMap<>(shared);
        attributes.putAll(attributes(span.getAttributesList()));
        return new Span(
                hex(span.getTraceId()),
                hex(span.getSpanId()),
                span.getKind() == io.opentelemetry.proto.trace.v1.Span.SpanKind.SPAN_KIND_CLIENT,
                span.getStartTimeUnixNano(),
                span.getEndTimeUnixNano(),
                span.getStatus().getCode() == Status.StatusCode.STATUS_CODE_ERROR,
                attributes);
    }

    private static String hex(ByteString bytes) {
        return HexFormat.of().formatHex(bytes.toByteArray());
    }

    private static Map<String, Object> attributes(List<KeyValue> pairs) {
        Map<String, Object> attributes = new HashMap<>();
        for (KeyValue pair : pairs) {
            AnyValue value = pair.getValue();
            switch (value.getValueCase()) {
                case STRING_VALUE -> attributes.put(pair.getKey(), value.getStringValue());
                case INT_VALUE -> attributes.put(pair.getKey(), value.getIntValue());
                case DOUBLE_VALUE -> attributes.put(pair.getKey(), value.getDoubleValue());
                case BOOL_VALUE -> attributes.put(pair.getKey(), value.getBoolValue());
                default -> {}
            }
        }
        return attributes;
    }

    static List<Span> json(byte[] body) {
        List<Span> spans = new ArrayList<>();
        for (JsonNode resource : JsonText.readObject(body).path("resourceSpans")) {
            Map<String, Object> shared = attributes(resource.path("resource").path("attributes"));
            for (JsonNode scope : resource.path("scopeSpans")) {
                scope.path("spans").forEach(span -> spans.add(of(span, shared)));
            }
        }
        return spans;
    }

    private static Span of(JsonNode span, Map<String, Object> shared) {
        Map<String, Object> attributes = new HashMap<>(shared);
        attributes.putAll(attributes(span.path("attributes")));
        return new Span(
                span.path("traceId").asText().toLowerCase(Locale.ROOT),
                span.path("spanId").asText().toLowerCase(Locale.ROOT),
                isEnum(span.path("kind"), 3, "SPAN_KIND_CLIENT"),
                span.path("startTimeUnixNano").asLong(),
                span.path("endTimeUnixNano").asLong(),
                isEnum(span.path("status").path("code"), 2, "STATUS_CODE_ERROR"),
                attributes);
    }

    /** Numbers are what OTLP's JSON has; some senders write names. */
    private static boolean isEnum(JsonNode found, int number, String name) {
        return found.isNumber() ? found.asInt() == number : found.asText().equals(name);
    }

    private static Map<String, Object> attributes(JsonNode pairs) {
        Map<String, Object> attributes = new HashMap<>();
        for (JsonNode pair : pairs) {
            JsonNode value = pair.path("value");
            String key = pair.path("key").asText();
            if (value.has("stringValue")) {
                attributes.put(key, value.get("stringValue").asText());
            } else if (value.has("intValue")) {
                attributes.put(key, value.get("intValue").asLong(-1)); // a text, as 64 bits do not fit JSON's numbers
            } else if (value.has("doubleValue")) {
                attributes.put(key, value.get("doubleValue").asDouble());
            } else if (value.has("boolValue")) {
                attributes.put(key, value.get("boolValue").asBoolean());
            }
        }
        return attributes;
    }
}
