-- What is carried over, what will be spent, when the limit is reached, and what most of the spend was made of.
ALTER TABLE budget_status
    ADD COLUMN IF NOT EXISTS carried_over_usd Decimal(38, 12) DEFAULT 0 AFTER limit_tokens,
    ADD COLUMN IF NOT EXISTS carried_over_tokens Int64 DEFAULT 0 AFTER carried_over_usd,
    ADD COLUMN IF NOT EXISTS forecast_usd Nullable(Decimal(38, 12)) AFTER carried_over_tokens,
    ADD COLUMN IF NOT EXISTS forecast_low_usd Nullable(Decimal(38, 12)) AFTER forecast_usd,
    ADD COLUMN IF NOT EXISTS forecast_high_usd Nullable(Decimal(38, 12)) AFTER forecast_low_usd,
    ADD COLUMN IF NOT EXISTS forecast_tokens Nullable(Int64) AFTER forecast_high_usd,
    ADD COLUMN IF NOT EXISTS forecast_low_tokens Nullable(Int64) AFTER forecast_tokens,
    ADD COLUMN IF NOT EXISTS forecast_high_tokens Nullable(Int64) AFTER forecast_low_tokens,
    ADD COLUMN IF NOT EXISTS exhausted_at Nullable(DateTime64(6, 'UTC')) AFTER forecast_high_tokens,
    ADD COLUMN IF NOT EXISTS top_contributors Map(String, Decimal(38, 12)) CODEC(ZSTD(1)) AFTER thresholds_crossed;
