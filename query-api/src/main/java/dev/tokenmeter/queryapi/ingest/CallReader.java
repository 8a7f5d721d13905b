package dev.tokenmeter.queryapi.ingest;

import dev.tokenmeter.schemas.EndUsers;
import dev.tokenmeter.schemas.Outcome;
import dev.tokenmeter.schemas.TokenKind;
import dev.tokenmeter.schemas.UsageEvent;
import dev.tokenmeter.schemas.UsageEvents;
import dev.tokenmeter.schemas.UsageSource;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.Collectors;

/**
 * Reads one call from its JSON. Fields are named as {@code UsageEvent}'s; where a sender knows only totals, {@code
 * input_tokens} (cached ones included) and {@code output_tokens} (reasoning included) stand for what is not told apart, as
 * OpenTelemetry counts. Thread-safe.
 */
final class CallReader {
    static final String SOURCE = "ingest";
    private static final String INPUT = "input_tokens";
    private static final String OUTPUT = "output_tokens";
    private static final int MAX_UNITS = 16;
    private static final Duration CLOCKS_DIFFER = Duration.ofMinutes(5);
    private static final UUID NOT_NAMED_YET = new UUID(0, 0);
    private static final Set<Outcome> OUTCOMES =
            EnumSet.of(Outcome.completed, Outcome.client_aborted, Outcome.upstream_error, Outcome.timeout);
    private static final Set<String> OPERATIONS = operations();
    private static final Set<String> CALL_FIELDS = fields();

    private final IngestConfig config;
    private final Clock clock;
    private final EventIds ids = new EventIds();

    CallReader(IngestConfig config, Clock clock) {
        this.config = config;
        this.clock = clock;
    }

    private static Set<String> operations() {
        Set<String> operations = new TreeSet<>(UsageEvents.BILLED_OPERATIONS);
        operations.add("moderation");
        return operations;
    }

    private static Set<String> fields() {
        Set<String> fields = new HashSet<>(Set.of(
                "tenant",
                "api_key_id",
                "provider",
                "model",
                "requested_model",
                "operation",
                "service_tier",
                "region",
                "streamed",
                "outcome",
                "http_status",
                "provider_request_id",
                "trace_id",
                "tags",
                "end_user",
                "units",
                "usage_source",
                "provider_cost_usd",
                "latency_ms",
                "time_to_first_token_ms",
                INPUT,
                OUTPUT));
        Arrays.stream(TokenKind.values()).map(TokenKind::field).forEach(fields::add);
        return fields;
    }

    /** The fields of a call, with those of where it is wrapped. */
    static Set<String> fieldsAnd(String... others) {
        Set<String> all = new HashSet<>(CALL_FIELDS);
        all.addAll(Arrays.asList(others));
        return all;
    }

    /**
     * The call, without its cost.
     *
     * @param call its fields
     * @param envelope where {@code id} and {@code time} stand
     * @param sender who sends it, as the sender says; ids are the sender's own
     */
    UsageEvent read(Fields call, Fields envelope, String sender, Payer payer) {
        Map<TokenKind, Long> tokens = tokens(call);
        Map<String, java.math.BigDecimal> units = call.amounts("units", MAX_UNITS);
        UsageEvent.Builder event = EventDrafts.draft()
                .setEventId(NOT_NAMED_YET)
                .setOccurredAt(time(envelope))
                .setGatewayId(payer.apiKeyId())
                .setProviderRequestId(call.text("provider_request_id").orElse(null))
                .setTraceId(call.text("trace_id").orElse(null))
                .setTenant(payer.tenant(call.text("tenant")))
                .setApiKeyId(call.text("api_key_id").orElse(payer.apiKeyId()))
                .setTags(call.tags("tags", config.tags()))
                .setEndUser(endUser(call.text("end_user").orElse(null)))
                .setProvider(call.required("provider", "a provider as prices name it, such as openai"))
                .setModel(call.required("model", "the model as the answer names it"))
                .setRequestedModel(call.text("requested_model").orElse(null))
                .setOperation(oneOf(call, "operation", OPERATIONS, "chat"))
                .setServiceTier(call.text("service_tier").orElse(null))
                .setRegion(call.text("region").orElse(null))
                .setStreamed(call.flag("streamed").orElse(false))
                .setOutcome(Outcome.valueOf(oneOf(call, "outcome", names(OUTCOMES), Outcome.completed.name())))
                .setHttpStatus(call.count("http_status").map(status(call)).orElse(null))
                .setUnits(units)
                .setUsageSource(usageSource(call, tokens.isEmpty() && units.isEmpty()))
                .setProviderCostUsd(call.amount("provider_cost_usd").orElse(null))
                .setLatencyMs(call.count("latency_ms").orElse(0L))
                .setTimeToFirstTokenMs(call.count("time_to_first_token_ms").orElse(null));
        EventDrafts.tokens(event, tokens);
        event.setEventId(ids.of(event, sender, envelope.required("id", "an id of the call that is the sender's own")));
        if (event.getUsageSource() == UsageSource.none && event.getOutcome() == Outcome.completed) {
            throw call.wrong("", "no tokens and no units", "at least one of " + INPUT + ", " + OUTPUT + ", units");
        }
        return event.build();
    }

    private static java.util.function.Function<Long, Integer> status(Fields call) {
        return found -> {
            if (found < 100 || found > 599) {
                throw call.wrong("http_status", "found " + found, "100 to 599");
            }
            return found.intValue();
        };
    }

    private Instant time(Fields envelope) {
        Instant time = envelope.time("time");
        String problem = problemWithTime(time);
        if (problem != null) {
            throw envelope.wrong("time", "found " + time, problem);
        }
        return time;
    }

    /** What times are allowed, if the time is not; null if it is. */
    String problemWithTime(Instant time) {
        Instant now = clock.instant();
        if (time.isBefore(now.minus(config.maxAge()))) {
            return "not before " + now.minus(config.maxAge()) + " (query-api.ingest.max-age)";
        }
        return time.isAfter(now.plus(CLOCKS_DIFFER)) ? "not after " + now.plus(CLOCKS_DIFFER) : null;
    }

    String endUser(String name) {
        return name == null || !config.hashEndUsers() ? name : EndUsers.hashed(name);
    }

    private static Map<TokenKind, Long> tokens(Fields call) {
        Map<TokenKind, Long> tokens = new EnumMap<>(TokenKind.class);
        for (TokenKind kind : TokenKind.values()) {
            call.count(kind.field()).ifPresent(count -> tokens.put(kind, count));
        }
        call.count(INPUT).ifPresent(total -> rest(call, tokens, true, TokenKind.UNCACHED_INPUT, INPUT, total));
        call.count(OUTPUT).ifPresent(total -> rest(call, tokens, false, TokenKind.TEXT_OUTPUT, OUTPUT, total));
        tokens.values().removeIf(count -> count == 0);
        return tokens;
    }

    /** What of a total no other field of its side holds. */
    private static void rest(
            Fields call, Map<TokenKind, Long> tokens, boolean input, TokenKind kind, String field, long total) {
        if (tokens.containsKey(kind)) {
            throw call.wrong(field, "given beside " + kind.field(), "one of them");
        }
        long told = 0;
        for (Map.Entry<TokenKind, Long> one : tokens.entrySet()) {
            told += one.getKey().isInput() == input ? one.getValue() : 0;
        }
        if (told > total) {
            throw call.wrong(field, "found " + total, "at least the " + told + " that the parts of it add up to");
        }
        tokens.put(kind, total - told);
    }

    private static UsageSource usageSource(Fields call, boolean nothing) {
        String stated = oneOf(call, "usage_source", Set.of("provider", "estimated"), "provider");
        return nothing ? UsageSource.none : UsageSource.valueOf(stated);
    }

    private static String oneOf(Fields call, String field, Set<String> allowed, String byDefault) {
        String found = call.text(field).orElse(byDefault);
        if (!allowed.contains(found)) {
            throw call.wrong(field, "found another", String.join(", ", new TreeSet<>(allowed)));
        }
        return found;
    }

    private static Set<String> names(Set<Outcome> outcomes) {
        return outcomes.stream().map(Outcome::name).collect(Collectors.toSet());
    }
}
