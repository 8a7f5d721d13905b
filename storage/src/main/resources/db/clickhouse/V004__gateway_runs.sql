-- What each run of a gateway reported: gateways tell by it which of their own spend is counted already.
ALTER TABLE usage_events ADD COLUMN IF NOT EXISTS gateway_run LowCardinality(String) AFTER gateway_id;

ALTER TABLE usage_rollups
    ADD COLUMN IF NOT EXISTS cost_by_gateway_run Map(String, Decimal(38, 12)) CODEC(ZSTD(1)) AFTER cost_parts;

ALTER TABLE budget_status
    ADD COLUMN IF NOT EXISTS spent_by_gateway_run Map(String, Decimal(38, 12)) CODEC(ZSTD(1)) AFTER spent_usd;
