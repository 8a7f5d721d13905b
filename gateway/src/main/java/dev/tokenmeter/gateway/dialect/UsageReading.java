package dev.tokenmeter.gateway.dialect;

import dev.tokenmeter.schemas.TokenKind;
import dev.tokenmeter.schemas.UsageSource;
import java.math.BigDecimal;
import java.util.Map;

/**
 * What an answer says about itself, in Tokenmeter's buckets.
 *
 * @param model as the answer names it; null when it does not
 * @param serviceTier as the answer states it; null when it does not
 * @param region region or data residency that the answer says it was billed by; null when it says none
 * @param tokens by disjoint kind; kinds without tokens may be absent
 * @param units everything else that is billed, by unit name
 * @param rawUsage the provider's usage object as JSON without its strings; null when none came
 * @param providerCostUsd the cost that the answer states, USD; null when it states none
 * @param source where the quantities come from
 * @param error whether the answer reports a failure
 * @param background the response that runs in the background, or ran; null for any other call
 */
public record UsageReading(
        String model,
        String serviceTier,
        String region,
        Map<TokenKind, Long> tokens,
        Map<String, BigDecimal> units,
        String rawUsage,
        BigDecimal providerCostUsd,
        UsageSource source,
        boolean error,
        BackgroundResponse background) {
    /** Nothing was read. */
    public static final UsageReading NOTHING =
            new UsageReading(null, null, Map.of(), Map.of(), null, null, UsageSource.none, false);

    public UsageReading {
        tokens = Map.copyOf(tokens);
        units = Map.copyOf(units);
    }

    /** Of a call that does not run in the background. */
    public UsageReading(
            String model,
            String serviceTier,
            String region,
            Map<TokenKind, Long> tokens,
            Map<String, BigDecimal> units,
            String rawUsage,
            BigDecimal providerCostUsd,
            UsageSource source,
            boolean error) {
        this(model, serviceTier, region, tokens, units, rawUsage, providerCostUsd, source, error, null);
    }

    /** Of an answer that names no region. */
    public UsageReading(
            String model,
            String serviceTier,
            Map<TokenKind, Long> tokens,
            Map<String, BigDecimal> units,
            String rawUsage,
            BigDecimal providerCostUsd,
            UsageSource source,
            boolean error) {
        this(model, serviceTier, null, tokens, units, rawUsage, providerCostUsd, source, error);
    }

    /** The same of a response that runs in the background; null for another call. */
    public UsageReading of(BackgroundResponse response) {
        return new UsageReading(
                model, serviceTier, region, tokens, units, rawUsage, providerCostUsd, source, error, response);
    }

    /** Whether its provider is still at work, so that its usage is yet to be known. */
    public boolean runsOn() {
        return background != null && !background.ended();
    }

    /** The same with a model where the answer named none. */
    public UsageReading orModel(String other) {
        return model != null
                ? this
                : new UsageReading(
                        other,
                        serviceTier,
                        region,
                        tokens,
                        units,
                        rawUsage,
                        providerCostUsd,
                        source,
                        error,
                        background);
    }

    /** The same with a service tier where the body stated none; null states none either. */
    public UsageReading orServiceTier(String tier) {
        return serviceTier != null || tier == null ? this : asTier(tier);
    }

    /** The same at another service tier. */
    UsageReading asTier(String tier) {
        return new UsageReading(
                model, tier, region, tokens, units, rawUsage, providerCostUsd, source, error, background);
    }

    /** The same billed by other units. */
    UsageReading withUnits(Map<String, BigDecimal> others) {
        UsageSource known = source == UsageSource.none ? UsageSource.provider : source;
        return new UsageReading(
                model, serviceTier, region, tokens, others, rawUsage, providerCostUsd, known, error, background);
    }

    /** The same with tokens of which at least some are not the provider's figures. */
    public UsageReading estimated(Map<TokenKind, Long> estimate) {
        return new UsageReading(
                model,
                serviceTier,
                region,
                estimate,
                units,
                rawUsage,
                providerCostUsd,
                UsageSource.estimated,
                error,
                background);
    }

    /** Tokens of a kind, 0 when there are none. */
    public long tokens(TokenKind kind) {
        return tokens.getOrDefault(kind, 0L);
    }
}
