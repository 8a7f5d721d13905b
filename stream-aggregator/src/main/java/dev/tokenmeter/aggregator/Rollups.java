package dev.tokenmeter.aggregator;

import dev.tokenmeter.schemas.Outcome;
import dev.tokenmeter.schemas.TokenKind;
import dev.tokenmeter.schemas.UsageCorrections;
import dev.tokenmeter.schemas.UsageEvent;
import dev.tokenmeter.schemas.UsageEvents;
import dev.tokenmeter.schemas.UsageRollup;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;

/** The arithmetic of rollups: one event as a rollup, and the exact sum of two. Order does not matter. */
final class Rollups {
    private Rollups() {}

    /** What the event adds to the rollup of that window and those dimensions; a correction adds differences in cost only. */
    static UsageRollup of(UsageEvent event, Window window, String group, Map<String, String> dimensions) {
        UsageRollup.Builder rollup = UsageRollup.newBuilder()
                .setWindowStart(window.start())
                .setWindowEnd(window.end())
                .setGranularity(window.granularity())
                .setDimensionGroup(group)
                .setDimensions(dimensions)
                .setRevision(0)
                .setUnpricedRequests(UsageCorrections.unpricedAdded(event))
                .setUnpricedTokens(UsageCorrections.unpricedAdded(event) * TokenKind.total(event))
                .setCostUsd(UsageCorrections.costAdded(event))
                .setCostParts(UsageCorrections.costPartsAdded(event))
                .setLastOccurredAt(event.getOccurredAt());
        return UsageCorrections.isCorrection(event) ? rollup.build() : traffic(rollup, event);
    }

    private static UsageRollup traffic(UsageRollup.Builder rollup, UsageEvent event) {
        return rollup.setRequests(1)
                .setErrors(event.getOutcome() == Outcome.completed ? 0 : 1)
                .setUncachedInputTokens(event.getUncachedInputTokens())
                .setCacheReadInputTokens(event.getCacheReadInputTokens())
                .setCacheWrite5mInputTokens(event.getCacheWrite5mInputTokens())
                .setCacheWrite1hInputTokens(event.getCacheWrite1hInputTokens())
                .setAudioInputTokens(event.getAudioInputTokens())
                .setImageInputTokens(event.getImageInputTokens())
                .setTextOutputTokens(event.getTextOutputTokens())
                .setReasoningOutputTokens(event.getReasoningOutputTokens())
                .setAudioOutputTokens(event.getAudioOutputTokens())
                .setImageOutputTokens(event.getImageOutputTokens())
                .setLatencyMsSum(event.getLatencyMs())
                .setMeteredRequests(UsageEvents.isMetered(event) ? 1 : 0)
                .setUnmeteredRequests(UsageEvents.lacksUsage(event) ? 1 : 0)
                .setFeeRequests(UsageEvents.owesFee(event) ? 1 : 0)
                .setUnits(event.getUnits())
                .build();
    }

    /** The first rollup of its window and dimensions. */
    static UsageRollup first(UsageRollup event, long revision) {
        return UsageRollup.newBuilder(event).setRevision(revision).build();
    }

    /** Both together; window and dimensions are those of the second. */
    static UsageRollup sum(UsageRollup a, UsageRollup b, long revision) {
        return UsageRollup.newBuilder()
                .setWindowStart(b.getWindowStart())
                .setWindowEnd(b.getWindowEnd())
                .setGranularity(b.getGranularity())
                .setDimensionGroup(b.getDimensionGroup())
                .setDimensions(b.getDimensions())
                .setRevision(revision)
                .setRequests(Math.addExact(a.getRequests(), b.getRequests()))
                .setErrors(Math.addExact(a.getErrors(), b.getErrors()))
                .setUnpricedRequests(Math.addExact(a.getUnpricedRequests(), b.getUnpricedRequests()))
                .setUnpricedTokens(Math.addExact(a.getUnpricedTokens(), b.getUnpricedTokens()))
                .setUncachedInputTokens(Math.addExact(a.getUncachedInputTokens(), b.getUncachedInputTokens()))
                .setCacheReadInputTokens(Math.addExact(a.getCacheReadInputTokens(), b.getCacheReadInputTokens()))
                .setCacheWrite5mInputTokens(
                        Math.addExact(a.getCacheWrite5mInputTokens(), b.getCacheWrite5mInputTokens()))
                .setCacheWrite1hInputTokens(
                        Math.addExact(a.getCacheWrite1hInputTokens(), b.getCacheWrite1hInputTokens()))
                .setAudioInputTokens(Math.addExact(a.getAudioInputTokens(), b.getAudioInputTokens()))
                .setImageInputTokens(Math.addExact(a.getImageInputTokens(), b.getImageInputTokens()))
                .setTextOutputTokens(Math.addExact(a.getTextOutputTokens(), b.getTextOutputTokens()))
                .setReasoningOutputTokens(Math.addExact(a.getReasoningOutputTokens(), b.getReasoningOutputTokens()))
                .setAudioOutputTokens(Math.addExact(a.getAudioOutputTokens(), b.getAudioOutputTokens()))
                .setImageOutputTokens(Math.addExact(a.getImageOutputTokens(), b.getImageOutputTokens()))
                .setCostUsd(a.getCostUsd().add(b.getCostUsd()))
                .setCostParts(sum(a.getCostParts(), b.getCostParts()))
                .setLatencyMsSum(Math.addExact(a.getLatencyMsSum(), b.getLatencyMsSum()))
                .setMeteredRequests(Math.addExact(a.getMeteredRequests(), b.getMeteredRequests()))
                .setUnmeteredRequests(Math.addExact(a.getUnmeteredRequests(), b.getUnmeteredRequests()))
                .setFeeRequests(Math.addExact(a.getFeeRequests(), b.getFeeRequests()))
                .setUnits(sum(a.getUnits(), b.getUnits()))
                .setLastOccurredAt(later(a.getLastOccurredAt(), b.getLastOccurredAt()))
                .build();
    }

    private static Map<String, BigDecimal> sum(Map<String, BigDecimal> a, Map<String, BigDecimal> b) {
        Map<String, BigDecimal> sum = new HashMap<>(a);
        b.forEach((name, amount) -> sum.merge(name, amount, BigDecimal::add));
        return sum;
    }

    private static Instant later(Instant a, Instant b) {
        return a.isAfter(b) ? a : b;
    }
}
