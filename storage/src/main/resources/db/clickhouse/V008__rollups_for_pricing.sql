-- Every quantity that prices depend on.
ALTER TABLE usage_rollups
    ADD COLUMN IF NOT EXISTS metered_requests   Int64 DEFAULT 0 CODEC(T64, ZSTD(1)) AFTER latency_ms_sum,
    ADD COLUMN IF NOT EXISTS unmetered_requests Int64 DEFAULT 0 CODEC(T64, ZSTD(1)) AFTER metered_requests,
    ADD COLUMN IF NOT EXISTS fee_requests       Int64 DEFAULT 0 CODEC(T64, ZSTD(1)) AFTER unmetered_requests,
    ADD COLUMN IF NOT EXISTS units              Map(LowCardinality(String), Decimal(38, 12)) CODEC(ZSTD(1)) AFTER fee_requests;
