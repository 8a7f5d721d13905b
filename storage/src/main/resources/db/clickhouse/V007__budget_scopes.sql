-- Which calls a budget counts, in which periods, in dollars or tokens; and whether it was removed.
ALTER TABLE budget_status
    ADD COLUMN IF NOT EXISTS dimensions Map(LowCardinality(String), String) AFTER name,
    ADD COLUMN IF NOT EXISTS period LowCardinality(String) DEFAULT 'month' AFTER dimensions,
    ADD COLUMN IF NOT EXISTS time_zone LowCardinality(String) DEFAULT 'UTC' AFTER period,
    ADD COLUMN IF NOT EXISTS spent_tokens Int64 DEFAULT 0 AFTER spent_by_gateway_run,
    ADD COLUMN IF NOT EXISTS tokens_by_gateway_run Map(String, Int64) CODEC(ZSTD(1)) AFTER spent_tokens,
    ADD COLUMN IF NOT EXISTS limit_tokens Nullable(Int64) AFTER limit_usd,
    ADD COLUMN IF NOT EXISTS fallback_model Nullable(String) AFTER hard,
    ADD COLUMN IF NOT EXISTS closed Bool DEFAULT false AFTER thresholds_crossed;
