-- A correction is the event again, one revision higher, and replaces it; of two corrections of one revision the first in
-- the log stands, as in the aggregator: so the engine gets a version, and the rows move to a table that has one.
-- All of it may run again: what a crash left of the copy, or of the table that it was made from, goes first.
DROP TABLE IF EXISTS usage_events_by_revision SYNC;

CREATE TABLE usage_events_by_revision
(
    event_id                    UUID,
    occurred_at                 DateTime64(6, 'UTC') CODEC(Delta(8), ZSTD(1)),
    gateway_id                  LowCardinality(String),
    gateway_run                 LowCardinality(String),
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
    revision                    UInt16 CODEC(T64, ZSTD(1)),
    corrected_at                Nullable(DateTime64(6, 'UTC')) CODEC(ZSTD(1)),
    corrected_by                LowCardinality(Nullable(String)),
    correction_reason           LowCardinality(Nullable(String)),
    cost_usd_before             Nullable(Decimal(38, 12)) CODEC(ZSTD(1)),
    cost_parts_before           Map(LowCardinality(String), Decimal(38, 12)) CODEC(ZSTD(1)),
    price_id_before             LowCardinality(Nullable(String)),
    kafka_partition             UInt32 CODEC(T64, ZSTD(1)),
    kafka_offset                UInt64 CODEC(T64, ZSTD(1)),
    -- The highest revision, and of that the lowest offset.
    version                     UInt64 MATERIALIZED bitShiftLeft(toUInt64(revision), 48) + (281474976710655 - kafka_offset)
                                CODEC(T64, ZSTD(1)),
    -- DateTime64 would clamp a nonsensical time silently; the sink dead-letters what is refused here.
    CONSTRAINT occurred_at_is_plausible CHECK occurred_at >= '2015-01-01' AND occurred_at < '2100-01-01'
)
ENGINE = ReplacingMergeTree(version)
PARTITION BY toYYYYMM(occurred_at)
PRIMARY KEY (tenant, toStartOfHour(occurred_at), provider, model)
ORDER BY (tenant, toStartOfHour(occurred_at), provider, model, event_id)
SETTINGS non_replicated_deduplication_window = 1000;

INSERT INTO usage_events_by_revision
(
    event_id, occurred_at, gateway_id, gateway_run, source, provider_request_id, trace_id, attempt, tenant,
    api_key_id, tags, end_user, provider, model, requested_model, operation, service_tier, streamed, outcome,
    http_status, uncached_input_tokens, cache_read_input_tokens, cache_write_5m_input_tokens,
    cache_write_1h_input_tokens, audio_input_tokens, image_input_tokens, text_output_tokens,
    reasoning_output_tokens, audio_output_tokens, image_output_tokens, units, usage_source, raw_usage,
    cost_usd, cost_parts, provider_cost_usd, price_id, latency_ms, time_to_first_token_ms, overhead_us,
    kafka_partition, kafka_offset
)
SELECT
    event_id, occurred_at, gateway_id, gateway_run, source, provider_request_id, trace_id, attempt, tenant,
    api_key_id, tags, end_user, provider, model, requested_model, operation, service_tier, streamed, outcome,
    http_status, uncached_input_tokens, cache_read_input_tokens, cache_write_5m_input_tokens,
    cache_write_1h_input_tokens, audio_input_tokens, image_input_tokens, text_output_tokens,
    reasoning_output_tokens, audio_output_tokens, image_output_tokens, units, usage_source, raw_usage,
    cost_usd, cost_parts, provider_cost_usd, price_id, latency_ms, time_to_first_token_ms, overhead_us,
    kafka_partition, kafka_offset
FROM usage_events;

EXCHANGE TABLES usage_events AND usage_events_by_revision;

DROP TABLE IF EXISTS usage_events_by_revision SYNC;

-- Every correction ever made, also those that a later one replaced. Nothing is summed, so repeated inserts do no harm.
CREATE TABLE IF NOT EXISTS usage_corrections
(
    tenant            LowCardinality(String),
    event_id          UUID,
    revision          UInt16,
    occurred_at       DateTime64(6, 'UTC'),
    provider          LowCardinality(String),
    model             LowCardinality(String),
    corrected_at      DateTime64(6, 'UTC'),
    corrected_by      LowCardinality(String),
    correction_reason LowCardinality(String),
    cost_usd_before   Nullable(Decimal(38, 12)) CODEC(ZSTD(1)),
    cost_usd          Nullable(Decimal(38, 12)) CODEC(ZSTD(1)),
    price_id_before   LowCardinality(Nullable(String)),
    price_id          LowCardinality(Nullable(String)),
    version           UInt64
)
ENGINE = ReplacingMergeTree(version)
PARTITION BY toYYYYMM(occurred_at)
ORDER BY (tenant, occurred_at, event_id, revision);

CREATE MATERIALIZED VIEW IF NOT EXISTS usage_corrections_of_events TO usage_corrections AS
SELECT
    tenant, event_id, revision, occurred_at, provider, model,
    assumeNotNull(corrected_at) AS corrected_at,
    ifNull(corrected_by, '') AS corrected_by,
    ifNull(correction_reason, '') AS correction_reason,
    cost_usd_before, cost_usd, price_id_before, price_id,
    281474976710655 - kafka_offset AS version
FROM usage_events
WHERE revision > 0;
