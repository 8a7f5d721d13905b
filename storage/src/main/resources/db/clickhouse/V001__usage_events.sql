-- One row a usage event; columns are named as the fields of UsageEvent.avsc.
-- A repeated event has the same sorting key, so it replaces its first copy: read with FINAL.
-- Repeats lie in the same month by nature, so FINAL need not look across partitions.
CREATE TABLE IF NOT EXISTS usage_events
(
    event_id                    UUID,
    occurred_at                 DateTime64(6, 'UTC') CODEC(Delta(8), ZSTD(1)),
    gateway_id                  LowCardinality(String),
    source                      LowCardinality(String),
    provider_request_id         Nullable(String) CODEC(ZSTD(1)),
    trace_id                    Nullable(String) CODEC(ZSTD(1)),
    attempt                     UInt16,
    tenant                      LowCardinality(String),
    api_key_id                  LowCardinality(String),
    tags                        Map(LowCardinality(String), String) CODEC(ZSTD(1)),
    end_user                    Nullable(String) CODEC(ZSTD(1)),
    provider                    LowCardinality(String),
    model                       LowCardinality(String),
    requested_model             LowCardinality(Nullable(String)),
    operation                   LowCardinality(String),
    service_tier                LowCardinality(Nullable(String)),
    streamed                    Bool,
    outcome                     LowCardinality(String),
    http_status                 Nullable(Int32),
    uncached_input_tokens       Int64 CODEC(T64, ZSTD(1)),
    cache_read_input_tokens     Int64 CODEC(T64, ZSTD(1)),
    cache_write_5m_input_tokens Int64 CODEC(T64, ZSTD(1)),
    cache_write_1h_input_tokens Int64 CODEC(T64, ZSTD(1)),
    audio_input_tokens          Int64 CODEC(T64, ZSTD(1)),
    image_input_tokens          Int64 CODEC(T64, ZSTD(1)),
    text_output_tokens          Int64 CODEC(T64, ZSTD(1)),
    reasoning_output_tokens     Int64 CODEC(T64, ZSTD(1)),
    audio_output_tokens         Int64 CODEC(T64, ZSTD(1)),
    image_output_tokens         Int64 CODEC(T64, ZSTD(1)),
    units                       Map(LowCardinality(String), Decimal(38, 12)) CODEC(ZSTD(1)),
    usage_source                LowCardinality(String),
    raw_usage                   Nullable(String) CODEC(ZSTD(3)),
    cost_usd                    Nullable(Decimal(38, 12)) CODEC(ZSTD(1)),
    cost_parts                  Map(LowCardinality(String), Decimal(38, 12)) CODEC(ZSTD(1)),
    provider_cost_usd           Nullable(Decimal(38, 12)) CODEC(ZSTD(1)),
    price_id                    LowCardinality(Nullable(String)),
    latency_ms                  Int64 CODEC(T64, ZSTD(1)),
    time_to_first_token_ms      Nullable(Int64) CODEC(ZSTD(1)),
    overhead_us                 Int64 CODEC(T64, ZSTD(1)),
    kafka_partition             UInt32 CODEC(T64, ZSTD(1)),
    kafka_offset                UInt64 CODEC(T64, ZSTD(1)),
    -- DateTime64 would clamp a nonsensical time silently; the sink dead-letters what is refused here.
    CONSTRAINT occurred_at_is_plausible CHECK occurred_at >= '2015-01-01' AND occurred_at < '2100-01-01'
)
ENGINE = ReplacingMergeTree
PARTITION BY toYYYYMM(occurred_at)
PRIMARY KEY (tenant, toStartOfHour(occurred_at), provider, model)
ORDER BY (tenant, toStartOfHour(occurred_at), provider, model, event_id)
SETTINGS non_replicated_deduplication_window = 1000;
