package dev.tokenmeter.queryapi.ingest;

import dev.tokenmeter.pricing.Pricer;
import dev.tokenmeter.queryapi.http.ApiAnswer;
import dev.tokenmeter.queryapi.http.ApiRequest;
import dev.tokenmeter.queryapi.http.Endpoints;
import dev.tokenmeter.queryapi.problem.Problem;
import dev.tokenmeter.schemas.UsageEvent;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.opentelemetry.proto.collector.trace.v1.ExportTracePartialSuccess;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.RoutingContext;
import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Takes calls that the gateway did not see; each is safe in Kafka when its request is answered. */
public final class IngestEndpoints {
    /** Events, as JSON or CloudEvents. */
    public static final String EVENTS = "/api/v1/events";
    /** OpenTelemetry's spans; what an exporter appends to its endpoint is the last two parts. */
    public static final String TRACES = "/api/v1/otlp/v1/traces";

    private static final String PROTOBUF = "application/x-protobuf";
    private static final String JSON = "application/json";
    private static final int MAX_REASONS = 5;
    private static final String WAY_EVENTS = "events";
    private static final String WAY_SPANS = "otlp";

    private final IngestConfig config;
    private final Pricer pricer;
    private final UsageLog log;
    private final EventsReader events;
    private final SpanCalls spans;
    private final MeterRegistry meters;

    public IngestEndpoints(IngestConfig config, Pricer pricer, UsageLog log, MeterRegistry meters, Clock clock) {
        this.config = config;
        this.pricer = pricer;
        this.log = log;
        this.meters = meters;
        CallReader calls = new CallReader(config, clock);
        this.events = new EventsReader(calls, config.maxEvents());
        this.spans = new SpanCalls(config, calls);
        List.of(WAY_EVENTS, WAY_SPANS).forEach(this::ingested); // told as 0 from the start
        SpanCalls.Made.Other.REASONS.forEach(this::skipped);
    }

    /** Whether a request is for one of these. */
    public static boolean isFor(RoutingContext routed) {
        return routed.request().method().equals(HttpMethod.POST)
                && Set.of(EVENTS, TRACES).contains(routed.normalizedPath());
    }

    /** Puts them on their paths. */
    public void register(Endpoints endpoints) {
        endpoints.upload(EVENTS, Set.of(), EventsReader.MEDIA_TYPES, this::takeEvents);
        endpoints.upload(TRACES, Set.of(), Set.of(PROTOBUF, JSON), this::takeTraces);
    }

    private ApiAnswer takeEvents(ApiRequest request) {
        request.access().requireIngest();
        List<UsageEvent> read = events.read(request.upload(), payer(request));
        write(read, WAY_EVENTS);
        Map<String, Object> data = new LinkedHashMap<>();
        data.put("accepted", read.size());
        data.put(
                "event_ids",
                read.stream().map(event -> event.getEventId().toString()).toList());
        return ApiAnswer.accepted(data);
    }

    private ApiAnswer takeTraces(ApiRequest request) {
        request.access().requireIngest();
        boolean json = request.upload().mediaType().equals(JSON);
        byte[] body = request.upload().bytes();
        List<Span> all = json ? SpansReader.json(body) : SpansReader.protobuf(body);
        if (all.size() > config.maxEvents()) {
            throw Problem.badRequest("body: found " + all.size() + " spans; allowed: at most " + config.maxEvents()
                    + " (query-api.ingest.max-events)");
        }
        List<UsageEvent> calls = new ArrayList<>();
        Set<String> reasons = new LinkedHashSet<>();
        int refused = 0;
        for (Span span : all) {
            SpanCalls.Made made = spans.of(span, payer(request));
            if (made instanceof SpanCalls.Made.Call call) {
                calls.add(call.event());
            } else if (made instanceof SpanCalls.Made.Refused no) {
                refused++;
                reasons.add(no.why());
            } else if (made instanceof SpanCalls.Made.Other other) {
                skipped(other.reason()).increment();
            }
        }
        write(calls, WAY_SPANS);
        String why = String.join("; ", reasons.stream().limit(MAX_REASONS).toList());
        return json ? jsonAnswer(refused, why) : protobufAnswer(refused, why);
    }

    private Payer payer(ApiRequest request) {
        return new Payer(request.access(), config.defaultTenant());
    }

    private void write(List<UsageEvent> calls, String way) {
        List<UsageEvent> priced = calls.stream().map(pricer::priceFresh).toList();
        log.write(priced);
        ingested(way).increment(priced.size());
    }

    private Counter ingested(String way) {
        return Counter.builder("tokenmeter.query.ingested.events")
                .description("Calls taken in that the gateway did not see; one sent twice counts twice here")
                .tag("way", way)
                .register(meters);
    }

    private Counter skipped(String reason) {
        return Counter.builder("tokenmeter.query.ingest.skipped.spans")
                .description("Spans that are no call of a model, or of a call that a gateway metered")
                .tag("reason", reason)
                .register(meters);
    }

    private static ApiAnswer jsonAnswer(int refused, String why) {
        Map<String, Object> partial = new LinkedHashMap<>();
        partial.put("rejectedSpans", Integer.toString(refused));
        partial.put("errorMessage", why);
        return new ApiAnswer(200, refused == 0 ? Map.of() : Map.of("partialSuccess", partial));
    }

    private static ApiAnswer protobufAnswer(int refused, String why) {
        ExportTraceServiceResponse.Builder answer = ExportTraceServiceResponse.newBuilder();
        if (refused > 0) {
            answer.setPartialSuccess(ExportTracePartialSuccess.newBuilder()
                    .setRejectedSpans(refused)
                    .setErrorMessage(why));
        }
        return ApiAnswer.bytes(PROTOBUF, answer.build().toByteArray());
    }
}
