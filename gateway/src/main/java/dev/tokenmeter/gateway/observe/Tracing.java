package dev.tokenmeter.gateway.observe;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.MeterRegistry;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.propagation.TextMapGetter;
import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporter;
import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporterBuilder;
import io.opentelemetry.sdk.metrics.SdkMeterProvider;
import io.opentelemetry.sdk.resources.Resource;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.export.BatchSpanProcessor;
import io.opentelemetry.sdk.trace.samplers.Sampler;
import io.vertx.core.MultiMap;
import java.net.URI;
import java.util.concurrent.TimeUnit;

/**
 * Spans for calls, sent to an OpenTelemetry collector over OTLP/HTTP by a thread of the SDK's own; off unless an endpoint is
 * set. A span continues the caller's {@code traceparent}, with its sampling decision. Thread-safe.
 *
 * @see <a href="https://github.com/open-telemetry/semantic-conventions-genai/blob/main/docs/gen-ai/gen-ai-spans.md">GenAI
 *     spans</a>
 */
public final class Tracing implements AutoCloseable {
    private static final long CLOSE_PATIENCE_SECONDS = 5;

    private final SdkTracerProvider provider;
    private final SdkMeterProvider meterProvider;
    private final Tracer tracer;

    private Tracing(SdkTracerProvider provider, SdkMeterProvider meterProvider) {
        this.provider = provider;
        this.meterProvider = meterProvider;
        this.tracer = provider == null ? null : provider.get("dev.tokenmeter.gateway");
    }

    /** Starts it, if the settings name an endpoint. */
    static Tracing open(OtlpConfig config, String gatewayId, MeterRegistry meters) {
        SpanLoss loss = new SpanLoss();
        FunctionCounter.builder("tokenmeter.gateway.otlp.lost.spans", loss, SpanLoss::count)
                .description("Spans that the collector did not get: the queue was full, or it did not take them")
                .register(meters);
        if (config.endpoint() == null) {
            return new Tracing(null, null);
        }
        SdkMeterProvider ownMetrics =
                SdkMeterProvider.builder().registerMetricReader(loss).build();
        OtlpHttpSpanExporterBuilder exporter = OtlpHttpSpanExporter.builder()
                .setEndpoint(config.endpoint() + "/v1/traces")
                .setCompression(config.gzip() ? "gzip" : "none")
                .setTimeout(config.timeout())
                .setMeterProvider(() -> ownMetrics);
        config.headers().forEach(exporter::addHeader);
        BatchSpanProcessor processor = BatchSpanProcessor.builder(exporter.build())
                .setMaxQueueSize(config.maxQueueSize())
                .setMaxExportBatchSize(Math.min(config.maxExportBatchSize(), config.maxQueueSize()))
                .setScheduleDelay(config.scheduleDelay())
                .setExporterTimeout(config.timeout())
                .setMeterProvider(ownMetrics)
                .build();
        Resource resource = Resource.getDefault().toBuilder()
                .put(AttributeKey.stringKey("service.name"), config.serviceName())
                .put(AttributeKey.stringKey("service.instance.id"), gatewayId)
                .build();
        return new Tracing(
                SdkTracerProvider.builder()
                        .addSpanProcessor(processor)
                        .setResource(resource)
                        .setSampler(sampler(config))
                        .build(),
                ownMetrics);
    }

    private static Sampler sampler(OtlpConfig config) {
        return switch (config.sampler()) {
            case ALWAYS_ON -> Sampler.alwaysOn();
            case TRACEIDRATIO -> Sampler.traceIdRatioBased(config.samplerArg());
            case PARENTBASED_ALWAYS_ON -> Sampler.parentBased(Sampler.alwaysOn());
            case PARENTBASED_ALWAYS_OFF -> Sampler.parentBased(Sampler.alwaysOff());
            case PARENTBASED_TRACEIDRATIO -> Sampler.parentBased(Sampler.traceIdRatioBased(config.samplerArg()));
        };
    }

    /**
     * Begins the span of an attempt.
     *
     * @param caller the request's headers
     * @param provider as configured
     * @param operation as events name it
     * @param server where the attempt goes
     */
    public CallSpan start(MultiMap caller, String provider, String operation, URI server) {
        if (tracer == null) {
            return CallSpan.NONE;
        }
        Context parent = W3CTraceContextPropagator.getInstance().extract(Context.root(), caller, HeaderGetter.INSTANCE);
        String name = GenAi.operation(operation);
        return new CallSpan(
                tracer.spanBuilder(name)
                        .setParent(parent)
                        .setSpanKind(SpanKind.CLIENT)
                        .setAttribute("gen_ai.operation.name", name)
                        .setAttribute("gen_ai.provider.name", GenAi.provider(provider))
                        .setAttribute("server.address", server.getHost())
                        .setAttribute("server.port", (long) GenAiMetrics.port(server))
                        .startSpan(),
                parent);
    }

    private enum HeaderGetter implements TextMapGetter<MultiMap> {
        INSTANCE;

        @Override
        public Iterable<String> keys(MultiMap headers) {
            return headers.names();
        }

        @Override
        public String get(MultiMap headers, String name) {
            return headers == null ? null : headers.get(name);
        }
    }

    /** Sends what waits, for a few seconds at most. */
    @Override
    public void close() {
        if (provider != null) {
            provider.shutdown().join(CLOSE_PATIENCE_SECONDS, TimeUnit.SECONDS);
            meterProvider.close();
        }
    }
}
