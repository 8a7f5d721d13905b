package dev.tokenmeter.storage.sink;

import dev.tokenmeter.schemas.Anomaly;
import dev.tokenmeter.schemas.Topics;

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
                .number("revision", anomaly.getRevision());
    }
}
