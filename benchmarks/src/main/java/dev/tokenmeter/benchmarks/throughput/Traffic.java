package dev.tokenmeter.benchmarks.throughput;

import dev.tokenmeter.schemas.Money;
import dev.tokenmeter.schemas.Outcome;
import dev.tokenmeter.schemas.UsageEvent;
import dev.tokenmeter.schemas.UsageEvents;
import dev.tokenmeter.schemas.UsageSource;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.UUID;

/**
 * Calls as an organisation makes them: few tenants, keys, models and features make most of them (Zipf), so that in a window
 * some rollups are shared by very many calls, and most by a few. The same seed makes the same calls. One thread.
 */
final class Traffic {
    private static final int TENANTS = 50;
    private static final int KEYS = 20;
    private static final int FEATURES = 30;
    private static final int TEAMS = 8;
    private static final String[] MODELS = {
        "gpt-4o-mini",
        "claude-sonnet-4-5",
        "gpt-4o",
        "gpt-4.1-mini",
        "claude-haiku-4-5",
        "gpt-4.1",
        "deepseek-chat",
        "o4-mini",
        "gpt-5",
        "claude-opus-4-1",
        "gpt-5-mini",
        "deepseek-reasoner"
    };
    private static final int ERRORS_IN_A_THOUSAND = 10;

    private static final int EVENT_ID = position("event_id");
    private static final int OCCURRED_AT = position("occurred_at");
    private static final int TENANT = position("tenant");
    private static final int API_KEY_ID = position("api_key_id");
    private static final int TAGS = position("tags");
    private static final int PROVIDER = position("provider");
    private static final int MODEL = position("model");
    private static final int OUTCOME = position("outcome");
    private static final int HTTP_STATUS = position("http_status");
    private static final int USAGE_SOURCE = position("usage_source");
    private static final int LATENCY_MS = position("latency_ms");
    private static final int UNCACHED_INPUT_TOKENS = position("uncached_input_tokens");
    private static final int CACHE_READ_INPUT_TOKENS = position("cache_read_input_tokens");
    private static final int TEXT_OUTPUT_TOKENS = position("text_output_tokens");
    private static final int TIME_TO_FIRST_TOKEN_MS = position("time_to_first_token_ms");

    private final SplittableRandom random = new SplittableRandom(7);
    private final Zipf tenants = new Zipf(TENANTS);
    private final Zipf keys = new Zipf(KEYS);
    private final Zipf models = new Zipf(MODELS.length);
    private final Zipf features = new Zipf(FEATURES);
    private final UsageEvent template;
    private final long fromMicros;
    private final double microsBetween;
    private long made;
    /** Of the last call, in units of the last digit of money. */
    private long lastCost;

    /**
     * @param from time of the first call
     * @param perSecond calls in a second of their own time
     */
    Traffic(Instant from, double perSecond) {
        fromMicros = from.getEpochSecond() * 1_000_000;
        microsBetween = 1_000_000 / perSecond;
        template = UsageEvent.newBuilder()
                .setEventId(new UUID(0, 0))
                .setOccurredAt(from)
                .setGatewayId("gateway-1")
                .setGatewayRun("benchmark")
                .setTenant("")
                .setApiKeyId("")
                .setProvider("")
                .setModel("")
                .setOperation("chat")
                .setOutcome(Outcome.completed)
                .setHttpStatus(200)
                .setStreamed(true)
                .setUsageSource(UsageSource.provider)
                .setLatencyMs(0)
                .build();
    }

    private static int position(String field) {
        return UsageEvent.getClassSchema().getField(field).pos();
    }

    UsageEvent next() {
        UsageEvent event = UsageEvents.copyOf(template);
        int tenant = tenants.next(random);
        int feature = features.next(random);
        String model = MODELS[models.next(random)];
        event.put(EVENT_ID, new UUID(random.nextLong(), random.nextLong()));
        event.put(OCCURRED_AT, time(fromMicros + (long) (made * microsBetween)));
        event.put(TENANT, "tenant-" + tenant);
        event.put(API_KEY_ID, "key-" + tenant + "-" + keys.next(random));
        event.put(
                TAGS,
                Map.of(
                        "team", "team-" + feature % TEAMS,
                        "feature", "feature-" + feature,
                        "environment", random.nextInt(8) == 0 ? "staging" : "production"));
        event.put(
                PROVIDER, model.startsWith("claude") ? "anthropic" : model.startsWith("deep") ? "deepseek" : "openai");
        event.put(MODEL, model);
        made++;
        if (random.nextInt(1000) < ERRORS_IN_A_THOUSAND) {
            fail(event);
        } else {
            meter(event);
        }
        return event;
    }

    private static Instant time(long micros) {
        return Instant.ofEpochSecond(micros / 1_000_000, micros % 1_000_000 * 1000);
    }

    private void fail(UsageEvent event) {
        event.put(OUTCOME, Outcome.upstream_error);
        event.put(HTTP_STATUS, 500);
        event.put(USAGE_SOURCE, UsageSource.none);
        event.put(LATENCY_MS, (long) random.nextInt(60_000));
        UsageEvents.setCost(event, Money.ZERO, Map.of(), null, Money.USD, null);
        lastCost = 0;
    }

    private void meter(UsageEvent event) {
        int input = 50 + random.nextInt(4_000);
        int cached = random.nextInt(3) == 0 ? random.nextInt(8_000) : 0;
        int output = 10 + random.nextInt(1_000);
        long inputCost = 2_500_000L * input;
        long cachedCost = 1_250_000L * cached;
        long outputCost = 10_000_000L * output;
        event.put(UNCACHED_INPUT_TOKENS, (long) input);
        event.put(CACHE_READ_INPUT_TOKENS, (long) cached);
        event.put(TEXT_OUTPUT_TOKENS, (long) output);
        event.put(LATENCY_MS, 200L + random.nextInt(200) + 12 * output);
        event.put(TIME_TO_FIRST_TOKEN_MS, (long) (150 + random.nextInt(900)));
        lastCost = inputCost + cachedCost + outputCost;
        Map<String, BigDecimal> parts = cached == 0
                ? Map.of("input", usd(inputCost), "output", usd(outputCost))
                : Map.of("input", usd(inputCost), "cached_input", usd(cachedCost), "output", usd(outputCost));
        UsageEvents.setCost(event, usd(lastCost), parts, "benchmark", Money.USD, null);
    }

    static BigDecimal usd(long units) {
        return BigDecimal.valueOf(units, Money.SCALE);
    }

    /** What the last call cost, in units of the last digit of money. */
    long lastCost() {
        return lastCost;
    }
}
