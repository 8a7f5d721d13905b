package dev.tokenmeter.queryapi.ingest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tokenmeter.queryapi.http.JsonText;
import dev.tokenmeter.queryapi.http.Upload;
import dev.tokenmeter.queryapi.problem.Problem;
import dev.tokenmeter.schemas.UsageEvent;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Reads a request's events: plain JSON (one object, or an array), or CloudEvents, structured one by one or in a batch, or one
 * in binary mode. Thread-safe.
 *
 * @see <a href="https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/http-protocol-binding.md">CloudEvents'
 *     HTTP binding</a>
 */
final class EventsReader {
    static final String PLAIN = "application/json";
    static final String CLOUD_EVENT = "application/cloudevents+json";
    static final String CLOUD_EVENTS = "application/cloudevents-batch+json";
    static final Set<String> MEDIA_TYPES = Set.of(PLAIN, CLOUD_EVENT, CLOUD_EVENTS);

    private static final String CE = "ce-";
    private static final Set<String> CE_REQUIRED = Set.of("id", "source", "type", "specversion");
    private static final Set<String> PLAIN_FIELDS = CallReader.fieldsAnd("id", "source", "time");
    private static final Set<String> DATA_FIELDS = CallReader.fieldsAnd();
    private static final int MAX_TOLD = 20;

    private final CallReader calls;
    private final int maxEvents;

    EventsReader(CallReader calls, int maxEvents) {
        this.calls = calls;
        this.maxEvents = maxEvents;
    }

    /** @throws Problem.Exception if one of them is wrong; it names those, and none is to be kept */
    List<UsageEvent> read(Upload upload, Payer payer) {
        JsonNode body = JsonText.read(upload.bytes());
        if (upload.mediaType().equals(PLAIN) && upload.headers().contains("ce-id")) {
            return List.of(cloudEvent("", binary(upload, body), payer));
        }
        boolean cloud = !upload.mediaType().equals(PLAIN);
        if (upload.mediaType().equals(CLOUD_EVENTS) != body.isArray() && cloud) {
            throw Problem.badRequest("body: found " + (body.isArray() ? "an array" : "no array") + "; allowed: "
                    + CLOUD_EVENT + " for one event, " + CLOUD_EVENTS + " for an array of them");
        }
        List<JsonNode> each = new ArrayList<>();
        if (body.isArray()) {
            body.forEach(each::add);
        } else {
            each.add(body);
        }
        if (each.isEmpty() || each.size() > maxEvents) {
            throw Problem.badRequest("body: found " + each.size() + " events; allowed: 1 to " + maxEvents
                    + " (query-api.ingest.max-events)");
        }
        return all(each, body.isArray(), cloud, payer);
    }

    private List<UsageEvent> all(List<JsonNode> each, boolean array, boolean cloud, Payer payer) {
        List<UsageEvent> events = new ArrayList<>();
        List<Problem> problems = new ArrayList<>();
        for (int i = 0; i < each.size() && problems.size() < MAX_TOLD; i++) {
            String path = array ? "events[" + i + "]." : "";
            try {
                events.add(cloud ? cloudEvent(path, each.get(i), payer) : plain(path, each.get(i), payer));
            } catch (Problem.Exception e) {
                if (e.problem().status() != 400) {
                    throw e;
                }
                problems.add(e.problem());
            }
        }
        if (!problems.isEmpty()) {
            List<String> details = problems.stream().map(Problem::detail).toList();
            throw Problem.badField(problems.get(0).parameter(), String.join("; and ", details) + ". None was kept.");
        }
        return events;
    }

    private UsageEvent plain(String path, JsonNode json, Payer payer) {
        Fields fields = new Fields(path, json).only(PLAIN_FIELDS);
        return calls.read(fields, fields, fields.text("source").orElse(""), payer);
    }

    /** Of extensions and of {@code subject} nothing is read; {@code type} may be any, as what the data has to be is clear. */
    private UsageEvent cloudEvent(String path, JsonNode json, Payer payer) {
        Fields envelope = new Fields(path, json);
        for (String name : CE_REQUIRED) {
            envelope.required(name, "what CloudEvents requires");
        }
        if (!envelope.required("specversion", "1.0").equals("1.0")) {
            throw envelope.wrong("specversion", "found another", "1.0");
        }
        JsonNode data = envelope.node("data")
                .orElseThrow(() -> envelope.wrong("data", "not given", "an object with the fields of a call"));
        Fields call = new Fields(path + "data.", data).only(DATA_FIELDS);
        return calls.read(call, envelope, envelope.required("source", "who sends it"), payer);
    }

    private static JsonNode binary(Upload upload, JsonNode data) {
        ObjectNode event = JsonNodeFactory.instance.objectNode();
        Set<String> seen = new HashSet<>();
        for (Map.Entry<String, String> header : upload.headers()) {
            if (header.getKey().regionMatches(true, 0, CE, 0, CE.length()) && seen.add(header.getKey())) {
                event.put(header.getKey().substring(CE.length()).toLowerCase(java.util.Locale.ROOT), header.getValue());
            }
        }
        event.set("data", data);
        return event;
    }
}
