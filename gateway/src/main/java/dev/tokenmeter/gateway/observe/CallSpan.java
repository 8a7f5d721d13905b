package dev.tokenmeter.gateway.observe;

import dev.tokenmeter.schemas.TokenKind;
import dev.tokenmeter.schemas.UsageEvent;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.Context;
import io.vertx.core.MultiMap;

/** The span of one attempt to have a call answered. Made by {@link Tracing}. For one event loop. */
public final class CallSpan {
    /** No tracing: the caller's own trace headers travel on as they are. */
    public static final CallSpan NONE = new CallSpan(null, null);

    private static final double MILLIS = 1_000;

    private final Span span;
    private final Context context;

    CallSpan(Span span, Context parent) {
        this.span = span;
        this.context = span == null ? null : parent.with(span);
    }

    /** Puts this span in the place of the caller's in a request's headers. */
    public void inject(MultiMap headers) {
        if (span != null) {
            W3CTraceContextPropagator.getInstance().inject(context, headers, MultiMap::set);
        }
    }

    /** The trace that the attempt is part of; null without tracing. */
    public String traceId() {
        return span == null ? null : span.getSpanContext().getTraceId();
    }

    /**
     * Ends it.
     *
     * @param event of the attempt; null when none could be made
     */
    public void end(UsageEvent event) {
        if (span == null) {
            return;
        }
        if (event != null && span.isRecording()) {
            describe(event);
        }
        span.end();
    }

    private void describe(UsageEvent event) {
        String requested = event.getRequestedModel();
        if (requested != null) {
            span.updateName(GenAi.operation(event.getOperation()) + " " + requested);
            span.setAttribute("gen_ai.request.model", requested);
        }
        if (event.getHttpStatus() != null) {
            span.setAttribute("gen_ai.response.model", event.getModel());
            span.setAttribute("http.response.status_code", event.getHttpStatus());
        }
        span.setAttribute("gen_ai.request.stream", event.getStreamed());
        if (event.getStreamed() && event.getTimeToFirstTokenMs() != null) {
            span.setAttribute("gen_ai.response.time_to_first_chunk", event.getTimeToFirstTokenMs() / MILLIS);
        }
        usage(event);
        span.setAttribute("tokenmeter.event_id", event.getEventId().toString());
        span.setAttribute("tokenmeter.tenant", event.getTenant());
        span.setAttribute("tokenmeter.api_key_id", event.getApiKeyId());
        if (event.getCostUsd() != null) {
            span.setAttribute("tokenmeter.cost_usd", event.getCostUsd().toPlainString());
        }
        String error = GenAi.errorType(event);
        if (error != null) {
            span.setAttribute("error.type", error);
            span.setStatus(StatusCode.ERROR);
        }
    }

    private void usage(UsageEvent event) {
        if (TokenKind.total(event) == 0) {
            return;
        }
        long input = 0;
        for (TokenKind kind : TokenKind.values()) {
            input += kind.isInput() ? kind.of(event) : 0;
        }
        span.setAttribute("gen_ai.usage.input_tokens", input);
        span.setAttribute("gen_ai.usage.output_tokens", TokenKind.total(event) - input);
        span.setAttribute("gen_ai.usage.cache_read.input_tokens", event.getCacheReadInputTokens());
        span.setAttribute(
                "gen_ai.usage.cache_creation.input_tokens",
                event.getCacheWrite5mInputTokens() + event.getCacheWrite1hInputTokens());
    }
}
