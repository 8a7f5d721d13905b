-- Errors by class, what is estimated, and durations by bucket.
ALTER TABLE usage_rollups
    ADD COLUMN IF NOT EXISTS errors_by_class                  Map(LowCardinality(String), Int64) CODEC(ZSTD(1)) AFTER units,
    ADD COLUMN IF NOT EXISTS estimated_requests               Int64 DEFAULT 0 CODEC(T64, ZSTD(1)) AFTER errors_by_class,
    ADD COLUMN IF NOT EXISTS estimated_tokens                 Int64 DEFAULT 0 CODEC(T64, ZSTD(1)) AFTER estimated_requests,
    ADD COLUMN IF NOT EXISTS latency_ms_histogram             Map(LowCardinality(String), Int64) CODEC(ZSTD(1)) AFTER estimated_tokens,
    ADD COLUMN IF NOT EXISTS time_to_first_token_ms_histogram Map(LowCardinality(String), Int64) CODEC(ZSTD(1)) AFTER latency_ms_histogram;
