package dev.tokenmeter.gateway.proxy;

import com.fasterxml.uuid.Generators;
import com.fasterxml.uuid.impl.TimeBasedEpochRandomGenerator;
import dev.tokenmeter.gateway.attribution.Attribution;
import dev.tokenmeter.gateway.dialect.BackgroundResponse;
import dev.tokenmeter.gateway.dialect.BatchLine;
import dev.tokenmeter.gateway.dialect.UsageReading;
import dev.tokenmeter.schemas.Batch;
import dev.tokenmeter.schemas.Money;
import dev.tokenmeter.schemas.Outcome;
import dev.tokenmeter.schemas.TokenKind;
import dev.tokenmeter.schemas.UsageEvent;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeUnit;

/** Makes the event of a call, without its cost. Thread-safe. */
final class EventAssembler {
    private static final String SOURCE = "gateway";
    private static final String UNKNOWN_MODEL = "unknown";
    private static final int MAX_CHARS = 256;
    private static final int MAX_INTEGER_DIGITS = 20;
    private static final int MAX_SCALE = 2000;

    private final String gatewayId;
    private final String gatewayRun;
    private final Clock clock;
    private final TimeBasedEpochRandomGenerator ids = Generators.timeBasedEpochRandomGenerator();

    EventAssembler(String gatewayId, String gatewayRun, Clock clock) {
        this.gatewayId = gatewayId;
        this.gatewayRun = gatewayRun;
        this.clock = clock;
    }

    UsageEvent assemble(Call call, Ending ending) {
        UsageReading reading = ending.reading();
        UsageEvent.Builder event = UsageEvent.newBuilder()
                .setEventId(id(call, reading.background()))
                .setOccurredAt(time(reading.background()))
                .setGatewayId(gatewayId)
                .setGatewayRun(gatewayRun)
                .setSource(SOURCE)
                .setProviderRequestId(bounded(ending.providerRequestId()))
                .setTraceId(traceId(call))
                .setAttempt(call.attempt())
                .setTenant(call.attribution().tenant())
                .setApiKeyId(call.attribution().apiKeyId())
                .setTags(call.attribution().tags())
                .setEndUser(call.attribution().endUser())
                .setProvider(call.provider().name())
                .setModel(model(ending))
                .setRequestedModel(bounded(ending.requestedModel()))
                .setOperation(call.operation().label())
                .setServiceTier(bounded(reading.serviceTier()))
                .setRegion(reading.region() == null ? call.provider().region() : bounded(reading.region()))
                .setStreamed(ending.streamed())
                .setOutcome(ending.outcome())
                .setHttpStatus(ending.httpStatus())
                .setUnits(atScale(reading.units()))
                .setUsageSource(reading.source())
                .setRawUsage(reading.rawUsage())
                .setProviderCostUsd(atScale(reading.providerCostUsd()))
                .setLatencyMs(call.clock().latencyMs())
                .setTimeToFirstTokenMs(call.clock().timeToFirstTokenMs())
                .setOverheadUs(TimeUnit.NANOSECONDS.toMicros(call.clock().ownNanos()));
        return uncorrected(unpriced(tokens(event, reading))).build();
    }

    /** Whoever retrieves a response that ran in the background leaves the same event. */
    private UUID id(Call call, BackgroundResponse response) {
        Attribution payer = call.attribution();
        return response == null
                ? ids.generate()
                : name(call.provider().name(), response.id(), payer.tenant(), payer.apiKeyId(), response.id());
    }

    private Instant time(BackgroundResponse response) {
        return response == null || response.createdAt() == null
                ? clock.instant().truncatedTo(ChronoUnit.MICROS)
                : response.createdAt();
    }

    private static UUID name(String... parts) {
        return UUID.nameUUIDFromBytes(String.join("\n", parts).getBytes(StandardCharsets.UTF_8));
    }

    /** What an event begins with is set as well: looking a default up costs Avro's builder more than all else here. */
    private static UsageEvent.Builder unpriced(UsageEvent.Builder event) {
        return event.setCostUsd(null)
                .setCostParts(Map.of())
                .setPriceId(null)
                .setCostCurrency(Money.USD)
                .setExchangeRate(null);
    }

    private static UsageEvent.Builder uncorrected(UsageEvent.Builder event) {
        return event.setRevision(0)
                .setCorrectedAt(null)
                .setCorrectedBy(null)
                .setCorrectionReason(null)
                .setCostUsdBefore(null)
                .setCostPartsBefore(Map.of())
                .setPriceIdBefore(null);
    }

    /**
     * The event of one call of a batch. It is the same whenever and wherever the output is fetched, but for the gateway that
     * fetches, so that it counts once: its id is made of the batch's and the result's, its time is the result's own, or
     * the submission's.
     */
    UsageEvent assemble(Call fetch, Batch batch, BatchLine line) {
        Attribution submitter = new Attribution(
                batch.getTenant(),
                batch.getApiKeyId(),
                batch.getTags(),
                Set.of(),
                batch.getEndUser(),
                batch.getTraceId());
        Ending ending = new Ending(
                Outcome.completed, true, line.httpStatus(), line.requestId(), false, null, line.reading(), null);
        return UsageEvent.newBuilder(assemble(fetch.chargedTo(submitter).billing(line.operation()), ending))
                .setEventId(name(
                        batch.getProvider(), batch.getBatchId(), batch.getTenant(), batch.getApiKeyId(), line.id()))
                .setOccurredAt(line.at() == null ? batch.getSubmittedAt() : line.at())
                .setGatewayRun("") // the run settles nothing by it
                .setLatencyMs(0)
                .setTimeToFirstTokenMs(null)
                .setOverheadUs(0)
                .build();
    }

    private static UsageEvent.Builder tokens(UsageEvent.Builder event, UsageReading reading) {
        return event.setUncachedInputTokens(reading.tokens(TokenKind.UNCACHED_INPUT))
                .setCacheReadInputTokens(reading.tokens(TokenKind.CACHE_READ_INPUT))
                .setCacheWrite5mInputTokens(reading.tokens(TokenKind.CACHE_WRITE_5M_INPUT))
                .setCacheWrite1hInputTokens(reading.tokens(TokenKind.CACHE_WRITE_1H_INPUT))
                .setAudioInputTokens(reading.tokens(TokenKind.AUDIO_INPUT))
                .setImageInputTokens(reading.tokens(TokenKind.IMAGE_INPUT))
                .setTextOutputTokens(reading.tokens(TokenKind.TEXT_OUTPUT))
                .setReasoningOutputTokens(reading.tokens(TokenKind.REASONING_OUTPUT))
                .setAudioOutputTokens(reading.tokens(TokenKind.AUDIO_OUTPUT))
                .setImageOutputTokens(reading.tokens(TokenKind.IMAGE_OUTPUT));
    }

    private static String traceId(Call call) {
        String ours = call.trail().span().traceId();
        return ours == null ? call.attribution().traceId() : ours;
    }

    private static String model(Ending ending) {
        String answered = ending.reading().model();
        String model = answered == null ? ending.requestedModel() : answered;
        return model == null ? UNKNOWN_MODEL : bounded(model);
    }

    private static String bounded(String text) {
        return text == null || text.length() <= MAX_CHARS ? text : text.substring(0, MAX_CHARS);
    }

    private static Map<String, BigDecimal> atScale(Map<String, BigDecimal> units) {
        if (units.isEmpty()) {
            return units;
        }
        Map<String, BigDecimal> scaled = new HashMap<>();
        units.forEach((name, amount) -> {
            if (fits(amount)) {
                scaled.put(name, atScale(amount));
            }
        });
        return scaled;
    }

    /** What a provider states may have more digits than the contract holds; ours never has. */
    private static BigDecimal atScale(BigDecimal amount) {
        return amount == null || !fits(amount) ? null : amount.setScale(Money.SCALE, RoundingMode.HALF_EVEN);
    }

    /** A number such as 1e999999999 or 1e-999999999 is no amount, and scaling it would take all memory. */
    private static boolean fits(BigDecimal amount) {
        return (long) amount.precision() - amount.scale() <= MAX_INTEGER_DIGITS && amount.scale() <= MAX_SCALE;
    }
}
