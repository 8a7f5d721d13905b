-- What prices depend on and were converted at.
ALTER TABLE usage_events
    ADD COLUMN IF NOT EXISTS region LowCardinality(Nullable(String)) AFTER service_tier,
    ADD COLUMN IF NOT EXISTS cost_currency LowCardinality(String) DEFAULT 'USD' AFTER price_id,
    ADD COLUMN IF NOT EXISTS exchange_rate Nullable(Decimal(38, 12)) AFTER cost_currency;
