package dev.tokenmeter.storage.sink;

import dev.tokenmeter.schemas.Anomaly;
import dev.tokenmeter.schemas.AnomalyContributor;
import dev.tokenmeter.schemas.Topics;
import java.util.function.Function;

/** {@link Anomaly} to {@code anomalies}. */
final class AnomalyMapping implements TableMapping<Anomaly> {
    @Override
    public Topics topic() {
        return Topics.ANOMALIES;
    }

    @Override
    public String table() {
        return "anomalies";
    }

    @Override
    public Class<Anomaly> recordType() {
        return Anomaly.class;
    }

    @Override
    public Columns row(Anomaly anomaly, int partition, long offset) {
        return new Columns()
                .text("anomaly_id", anomaly.getAnomalyId())
                .text("tenant", anomaly.getTenant())
                .text("rule", anomaly.getRule())
                .map("dimensions", anomaly.getDimensions())
                .time("window_start", anomaly.getWindowStart())
                .time("window_end", anomaly.getWindowEnd())
                .money("observed_usd", anomaly.getObservedUsd())
                .money("expected_usd", anomaly.getExpectedUsd())
                .money("factor", anomaly.getFactor())
                .time("detected_at", anomaly.getDetectedAt())
                .flag("resolved", anomaly.getResolved())
                .number("revision", anomaly.getRevision())
                .time("since", anomaly.getSince())
                .text("time_zone", anomaly.getTimeZone())
                .text("severity", anomaly.getSeverity())
                .number("observed_tokens", anomaly.getObservedTokens())
                .number("expected_tokens", anomaly.getExpectedTokens())
                .number("observed_requests", anomaly.getObservedRequests())
                .number("expected_requests", anomaly.getExpectedRequests())
                .text("part_of", anomaly.getPartOf())
                .array("contributor_dimensions", ofContributors(anomaly, AnomalyContributor::getDimensions))
                .array("contributor_expected_usd", ofContributors(anomaly, AnomalyContributor::getExpectedUsd))
                .array("contributor_observed_usd", ofContributors(anomaly, AnomalyContributor::getObservedUsd));
    }

    private static Object[] ofContributors(Anomaly anomaly, Function<AnomalyContributor, Object> field) {
        return anomaly.getContributors().stream().map(field).toArray();
    }
}
