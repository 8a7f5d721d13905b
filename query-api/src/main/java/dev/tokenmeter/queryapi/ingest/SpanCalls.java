package dev.tokenmeter.queryapi.ingest;

import dev.tokenmeter.schemas.Outcome;
import dev.tokenmeter.schemas.TagRules;
import dev.tokenmeter.schemas.TokenKind;
import dev.tokenmeter.schemas.UsageEvent;
import dev.tokenmeter.schemas.UsageSource;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/**
 * Makes events of spans that stand for one call of a model, by OpenTelemetry's GenAI conventions and the names that they had
 * before. Spans around such calls (an agent's, a tool's, a workflow's) often repeat the sums of those within and are left
 * out, and so are calls to a gateway, which has metered them. Thread-safe.
 *
 * @see <a href="https://opentelemetry.io/docs/specs/semconv/gen-ai/gen-ai-spans/">the conventions: input tokens include cached
 *     ones, and output tokens those of reasoning</a>
 */
final class SpanCalls {
    /** Operations by the conventions' names; others are no calls of a model. */
    private static final Map<String, String> OPERATIONS = Map.of(
            "chat", "chat",
            "text_completion", "completions",
            "generate_content", "generate_content",
            "embeddings", "embeddings");

    /** What prices call a provider, by what the conventions do, where they differ. */
    private static final Map<String, String> PROVIDERS = Map.ofEntries(
            Map.entry("aws.bedrock", "bedrock"),
            Map.entry("aws_bedrock", "bedrock"),
            Map.entry("azure.ai.openai", "azure"),
            Map.entry("az.ai.openai", "azure"),
            Map.entry("azure.ai.inference", "azure_ai"),
            Map.entry("az.ai.inference", "azure_ai"),
            Map.entry("gcp.gemini", "gemini"),
            Map.entry("gcp.gen_ai", "gemini"),
            Map.entry("gcp.vertex_ai", "gemini"),
            Map.entry("vertex_ai", "gemini"),
            Map.entry("mistral_ai", "mistral"),
            Map.entry("x_ai", "xai"));

    private static final String TAG = "tokenmeter.tag.";
    private static final int MAX_TEXT = 256;
    private static final long MOST = Fields.MOST;

    private final IngestConfig config;
    private final CallReader calls;
    private final EventIds ids = new EventIds();

    /** What became of a span. */
    sealed interface Made {
        /** It is a call. */
        record Call(UsageEvent event) implements Made {}

        /** It is none, or one that is metered elsewhere: nothing to tell the sender. */
        record Other(String reason) implements Made {
            static final String NO_GEN_AI = "no_gen_ai";
            static final String NO_MODEL_CALL = "no_model_call";
            static final String GATEWAY = "gateway";
            /** All of them. */
            static final List<String> REASONS = List.of(NO_GEN_AI, NO_MODEL_CALL, GATEWAY);
        }

        /** It is a call that cannot be taken; the sender is told why. */
        record Refused(String why) implements Made {}
    }

    SpanCalls(IngestConfig config, CallReader calls) {
        this.config = config;
        this.calls = calls;
    }

    Made of(Span span, Payer payer) {
        Optional<String> system = span.text("gen_ai.provider.name", "gen_ai.system");
        if (system.isEmpty()) {
            return new Made.Other(Made.Other.NO_GEN_AI);
        }
        Optional<String> named = span.text("gen_ai.operation.name");
        String operation = named.map(OPERATIONS::get).orElse(named.isEmpty() && span.client() ? "chat" : null);
        if (operation == null) {
            return new Made.Other(Made.Other.NO_MODEL_CALL);
        }
        if (isToGateway(span)) {
            return new Made.Other(Made.Other.GATEWAY);
        }
        return call(span, system.get(), operation, payer);
    }

    private boolean isToGateway(Span span) {
        Object port = span.attributes().get("server.port");
        return span.text("server.address")
                .map(address -> address + ":" + (port == null ? 443 : port))
                .filter(config.gatewayAddresses()::contains)
                .isPresent();
    }

    private Made call(Span span, String system, String operation, Payer payer) {
        Instant time = Instant.EPOCH.plus(span.endNanos() / 1_000, ChronoUnit.MICROS);
        String problem = calls.problemWithTime(time);
        if (problem != null) {
            return new Made.Refused("a span that ended at " + time + "; allowed: " + problem);
        }
        Optional<String> model = bounded(span.text("gen_ai.response.model", "gen_ai.request.model"));
        if (model.isEmpty()) {
            return new Made.Refused("a span without gen_ai.response.model and gen_ai.request.model");
        }
        Optional<String> tenant = bounded(span.text("tokenmeter.tenant"));
        if (tenant.isPresent() && !payer.access().sees(tenant.get())) {
            return new Made.Refused("a span with another tokenmeter.tenant than the token's");
        }
        Map<TokenKind, Long> tokens = tokens(span);
        if (tokens == null) {
            return new Made.Refused("a span with more than " + MOST + " tokens");
        }
        boolean failed = span.failed() || span.text("error.type").isPresent();
        boolean nothing = tokens.isEmpty();
        UsageEvent.Builder event = EventDrafts.draft()
                .setEventId(new UUID(0, 0))
                .setOccurredAt(time)
                .setGatewayId(payer.apiKeyId())
                .setProviderRequestId(bounded(span.text("gen_ai.response.id")).orElse(null))
                .setTraceId(bounded(Optional.of(span.traceId())).orElse(null))
                .setTenant(payer.tenant(tenant))
                .setApiKeyId(bounded(span.text("tokenmeter.api_key_id")).orElse(payer.apiKeyId()))
                .setTags(tags(span))
                .setEndUser(calls.endUser(
                        bounded(span.text("enduser.id", "user.id")).orElse(null)))
                .setProvider(provider(system))
                .setModel(model.get())
                .setRequestedModel(bounded(span.text("gen_ai.request.model")).orElse(null))
                .setOperation(operation)
                .setServiceTier(
                        bounded(span.text("openai.response.service_tier", "gen_ai.openai.response.service_tier"))
                                .orElse(null))
                .setOutcome(failed ? Outcome.upstream_error : Outcome.completed)
                // A call that ended well was billed: without tokens its cost is unknown, and not nothing.
                .setHttpStatus(failed ? null : Integer.valueOf(200))
                .setUsageSource(nothing ? UsageSource.none : UsageSource.provider)
                .setLatencyMs(Math.max(0, (span.endNanos() - span.startNanos()) / 1_000_000));
        EventDrafts.tokens(event, tokens);
        event.setEventId(ids.of(event, "otlp", span.traceId() + "/" + span.spanId()));
        return new Made.Call(event.build());
    }

    private static String provider(String system) {
        String name = system.toLowerCase(Locale.ROOT);
        return PROVIDERS.getOrDefault(name, bounded(Optional.of(name)).orElse("unknown"));
    }

    /** Null if they are absurdly many. */
    private static Map<TokenKind, Long> tokens(Span span) {
        long input = span.count("gen_ai.usage.input_tokens", "gen_ai.usage.prompt_tokens", "llm.usage.prompt_tokens")
                .orElse(0L);
        long output = span.count(
                        "gen_ai.usage.output_tokens", "gen_ai.usage.completion_tokens", "llm.usage.completion_tokens")
                .orElse(0L);
        long read = span.count("gen_ai.usage.cache_read.input_tokens", "gen_ai.usage.cache_read_input_tokens")
                .orElse(0L);
        long written = span.count(
                        "gen_ai.usage.cache_creation.input_tokens",
                        "gen_ai.usage.cache_creation_input_tokens",
                        "gen_ai.usage.cache_write_input_tokens")
                .orElse(0L);
        long reasoning = span.count("gen_ai.usage.reasoning.output_tokens", "gen_ai.usage.reasoning_tokens")
                .orElse(0L);
        if (input > MOST || output > MOST || read > MOST || written > MOST || reasoning > MOST) {
            return null;
        }
        Map<TokenKind, Long> tokens = new EnumMap<>(TokenKind.class);
        // Senders who count as Anthropic does leave cached tokens out of the input, which then can be the smaller
        // number.
        tokens.put(TokenKind.UNCACHED_INPUT, read + written > input ? input : input - read - written);
        tokens.put(TokenKind.CACHE_READ_INPUT, read);
        tokens.put(TokenKind.CACHE_WRITE_5M_INPUT, written);
        tokens.put(TokenKind.TEXT_OUTPUT, Math.max(0, output - reasoning));
        tokens.put(TokenKind.REASONING_OUTPUT, Math.min(output, reasoning));
        tokens.values().removeIf(count -> count == 0);
        return tokens;
    }

    /** What cannot be a tag is left out: spans are made by libraries, and their sender can do nothing about it. */
    private Map<String, String> tags(Span span) {
        Map<String, String> tags = new LinkedHashMap<>();
        span.attributes().forEach((name, value) -> {
            if (name.startsWith(TAG)) {
                tag(tags, name.substring(TAG.length()).toLowerCase(Locale.ROOT), String.valueOf(value));
            }
        });
        config.attributeTags()
                .forEach((tag, attribute) -> span.text(attribute).ifPresent(value -> tag(tags, tag, value)));
        return tags;
    }

    private void tag(Map<String, String> tags, String name, String value) {
        TagRules rules = config.tags();
        if (tags.size() < rules.maxCount() && rules.problem(name, value) == null) {
            tags.putIfAbsent(name, value);
        }
    }

    private static Optional<String> bounded(Optional<String> text) {
        return text.filter(one -> !TagRules.hasControl(one))
                .map(one -> one.length() <= MAX_TEXT ? one : one.substring(0, MAX_TEXT));
    }
}
