-- Spend against one budget in one period; the highest revision is current: read with FINAL.
CREATE TABLE IF NOT EXISTS budget_status
(
    budget_id          String,
    tenant             LowCardinality(String),
    name               String,
    period_start       DateTime64(6, 'UTC'),
    period_end         DateTime64(6, 'UTC'),
    spent_usd          Decimal(38, 12),
    limit_usd          Decimal(38, 12),
    hard               Bool,
    thresholds_percent Array(Int32),
    thresholds_crossed Array(Int32),
    revision           UInt64,
    updated_at         DateTime64(6, 'UTC')
)
ENGINE = ReplacingMergeTree(revision)
ORDER BY (tenant, budget_id, period_start)
SETTINGS non_replicated_deduplication_window = 1000;

-- Spend that breaks a rule; a later sighting of the same anomaly replaces the one before: read with FINAL.
CREATE TABLE IF NOT EXISTS anomalies
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
    detected_at  DateTime64(6, 'UTC')
)
ENGINE = ReplacingMergeTree
ORDER BY (tenant, window_start, anomaly_id)
SETTINGS non_replicated_deduplication_window = 1000;

-- Each step of an alert's life is a row; the step updated last is where the alert stands.
CREATE TABLE IF NOT EXISTS alerts
(
    alert_id     String,
    kind         LowCardinality(String),
    state        LowCardinality(String),
    severity     LowCardinality(String),
    tenant       LowCardinality(String),
    summary      String,
    labels       Map(LowCardinality(String), String),
    observed_usd Nullable(Decimal(38, 12)),
    limit_usd    Nullable(Decimal(38, 12)),
    window_start DateTime64(6, 'UTC'),
    window_end   DateTime64(6, 'UTC'),
    starts_at    DateTime64(6, 'UTC'),
    updated_at   DateTime64(6, 'UTC')
)
ENGINE = ReplacingMergeTree
ORDER BY (tenant, alert_id, updated_at, state)
SETTINGS non_replicated_deduplication_window = 1000;
