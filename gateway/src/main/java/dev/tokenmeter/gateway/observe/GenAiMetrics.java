package dev.tokenmeter.gateway.observe;

import dev.tokenmeter.schemas.Outcome;
import dev.tokenmeter.schemas.TokenKind;
import dev.tokenmeter.schemas.UsageEvent;
import dev.tokenmeter.schemas.UsageEvents;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;

/**
 * Metered calls as metrics. The gateway is a client of its providers, so these are the conventions' client metrics.
 * Thread-safe.
 *
 * @see <a href="https://github.com/open-telemetry/semantic-conventions-genai/blob/main/docs/gen-ai/gen-ai-metrics.md">names,
 *     attributes and bucket boundaries</a>
 */
public final class GenAiMetrics {
    private static final Duration[] SECONDS = LongStream.iterate(10, ms -> ms <= 81_920, ms -> ms * 2)
            .mapToObj(Duration::ofMillis)
            .toArray(Duration[]::new);
    private static final double[] TOKENS = LongStream.iterate(1, tokens -> tokens <= 67_108_864, tokens -> tokens * 4)
            .asDoubleStream()
            .toArray();

    private record Key(
            String provider, String operation, ModelNames.Pair models, URI server, Integer status, Outcome outcome) {}

    private record TokensKey(String provider, String operation, String model, TokenKind kind) {}

    private record Meters(
            Timer duration,
            Timer firstChunk,
            DistributionSummary input,
            DistributionSummary output,
            Counter cost,
            Counter unpriced) {}

    private final MeterRegistry registry;
    private final ModelNames models;
    private final Map<Key, Meters> meters = new ConcurrentHashMap<>();
    private final Map<TokensKey, Counter> tokens = new ConcurrentHashMap<>();

    /** @param maxModels bound on the models that are told apart */
    public GenAiMetrics(MeterRegistry registry, int maxModels) {
        this.registry = registry;
        this.models = new ModelNames(maxModels);
    }

    /**
     * Counts a call.
     *
     * @param server where it went, or would have gone
     */
    public void metered(UsageEvent event, URI server) {
        ModelNames.Pair pair = models.of(event);
        Key key = new Key(
                event.getProvider(), event.getOperation(), pair, server, event.getHttpStatus(), event.getOutcome());
        Meters of = meters.computeIfAbsent(key, this::register);
        of.duration.record(event.getLatencyMs(), TimeUnit.MILLISECONDS);
        if (event.getStreamed() && event.getTimeToFirstTokenMs() != null) {
            of.firstChunk.record(event.getTimeToFirstTokenMs(), TimeUnit.MILLISECONDS);
        }
        long input = 0;
        long output = 0;
        for (TokenKind kind : TokenKind.values()) {
            long count = kind.of(event);
            if (count > 0) {
                count(event, pair.answered(), kind, count);
                input += kind.isInput() ? count : 0;
                output += kind.isInput() ? 0 : count;
            }
        }
        if (input + output > 0) {
            of.input.record(input);
            of.output.record(output);
        }
        if (UsageEvents.isUnpriced(event)) {
            of.unpriced.increment();
        } else if (event.getCostUsd() != null) {
            of.cost.increment(event.getCostUsd().doubleValue());
        }
    }

    private void count(UsageEvent event, String model, TokenKind kind, long count) {
        tokens.computeIfAbsent(
                        new TokensKey(event.getProvider(), event.getOperation(), model, kind),
                        key -> Counter.builder("tokenmeter.gateway.tokens")
                                .description("Tokens by the disjoint kinds that prices tell apart")
                                .tags(call(key.provider, key.operation, key.model)
                                        .and("kind", key.kind.name().toLowerCase(java.util.Locale.ROOT)))
                                .register(registry))
                .increment(count);
    }

    private static Tags call(String provider, String operation, String answeredModel) {
        return Tags.of(
                "gen_ai.provider.name", GenAi.provider(provider),
                "gen_ai.operation.name", GenAi.operation(operation),
                "gen_ai.response.model", answeredModel);
    }

    private Meters register(Key key) {
        Tags money = call(key.provider, key.operation, key.models.answered());
        Tags call = money.and(
                "gen_ai.request.model", key.models.requested(),
                "server.address", key.server.getHost(),
                "server.port", Integer.toString(port(key.server)));
        String error = GenAi.errorType(key.outcome, key.status);
        Tags answer = call.and(
                "error.type", error == null ? "" : error,
                "http.response.status_code", key.status == null ? "" : key.status.toString());
        return new Meters(
                timer("gen_ai.client.operation.duration", "Duration of calls, from their arrival to their end", answer),
                timer(
                        "gen_ai.client.operation.time_to_first_chunk",
                        "Time from a call's arrival to the first part of its answer; streams only",
                        answer),
                usage(call, "input"),
                usage(call, "output"),
                Counter.builder("tokenmeter.gateway.cost")
                        .baseUnit("usd")
                        .description("Cost of calls; approximate, the exact figures are in the events")
                        .tags(money)
                        .register(registry),
                Counter.builder("tokenmeter.gateway.unpriced.requests")
                        .description("Calls that used something for which no price is known")
                        .tags(money)
                        .register(registry));
    }

    private Timer timer(String name, String description, Tags tags) {
        return Timer.builder(name)
                .description(description)
                .tags(tags)
                .serviceLevelObjectives(SECONDS)
                .register(registry);
    }

    private DistributionSummary usage(Tags call, String type) {
        return DistributionSummary.builder("gen_ai.client.token.usage")
                .description("Tokens of a call")
                .tags(call.and("gen_ai.token.type", type))
                .serviceLevelObjectives(TOKENS)
                .register(registry);
    }

    /** The port that a URL stands for. */
    static int port(URI server) {
        return server.getPort() >= 0 ? server.getPort() : server.getScheme().equals("https") ? 443 : 80;
    }
}
