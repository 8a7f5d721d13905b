-- One row a window and combination of dimensions, replaced by the row of the highest revision: read with FINAL.
-- dimension_key is the dimensions as one canonical text, as a map cannot stand in a sorting key.
CREATE TABLE IF NOT EXISTS usage_rollups
(
    window_start                DateTime64(6, 'UTC') CODEC(Delta(8), ZSTD(1)),
    window_end                  DateTime64(6, 'UTC') CODEC(Delta(8), ZSTD(1)),
    granularity                 LowCardinality(String),
    dimension_group             LowCardinality(String),
    tenant                      LowCardinality(String),
    dimension_key               String CODEC(ZSTD(1)),
    dimensions                  Map(LowCardinality(String), String) CODEC(ZSTD(1)),
    revision                    UInt64 CODEC(T64, ZSTD(1)),
    requests                    Int64 CODEC(T64, ZSTD(1)),
    errors                      Int64 CODEC(T64, ZSTD(1)),
    unpriced_requests           Int64 CODEC(T64, ZSTD(1)),
    unpriced_tokens             Int64 CODEC(T64, ZSTD(1)),
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
    cost_usd                    Decimal(38, 12) CODEC(ZSTD(1)),
    cost_parts                  Map(LowCardinality(String), Decimal(38, 12)) CODEC(ZSTD(1)),
    latency_ms_sum              Int64 CODEC(T64, ZSTD(1)),
    last_occurred_at            DateTime64(6, 'UTC') CODEC(Delta(8), ZSTD(1)),
    CONSTRAINT window_start_is_plausible CHECK window_start >= '2015-01-01' AND window_start < '2100-01-01'
)
ENGINE = ReplacingMergeTree(revision)
PARTITION BY toYYYYMM(window_start)
PRIMARY KEY (dimension_group, granularity, tenant, window_start)
ORDER BY (dimension_group, granularity, tenant, window_start, dimension_key)
SETTINGS non_replicated_deduplication_window = 1000;
