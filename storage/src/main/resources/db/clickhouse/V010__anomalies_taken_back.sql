-- An anomaly may be taken back: of its records, the one of the highest revision stands. So the engine gets a version, and the
-- rows move to a table that has one. All of it may run again, as in V005.
DROP TABLE IF EXISTS anomalies_by_revision SYNC;

CREATE TABLE anomalies_by_revision
(
    anomaly_id   String,
    tenant       LowCardinality(String),
    rule         LowCardinality(String),
    dimensions   Map(LowCardinality(String), String),
    window_start DateTime64(6, 'UTC'),
    window_end   DateTime64(6, 'UTC'),
    observed_usd Decimal(38, 12),
    expected_usd Decimal(38, 12),
    factor       Decimal(38, 12),
    detected_at  DateTime64(6, 'UTC'),
    resolved     Bool DEFAULT false,
    revision     UInt64 DEFAULT 0
)
ENGINE = ReplacingMergeTree(revision)
ORDER BY (tenant, window_start, anomaly_id)
SETTINGS non_replicated_deduplication_window = 1000;

INSERT INTO anomalies_by_revision
(
    anomaly_id, tenant, rule, dimensions, window_start, window_end, observed_usd, expected_usd, factor, detected_at
)
SELECT
    anomaly_id, tenant, rule, dimensions, window_start, window_end, observed_usd, expected_usd, factor, detected_at
FROM anomalies;

EXCHANGE TABLES anomalies AND anomalies_by_revision;

DROP TABLE IF EXISTS anomalies_by_revision SYNC;
