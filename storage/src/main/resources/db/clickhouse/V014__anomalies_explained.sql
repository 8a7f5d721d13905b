-- What an anomaly is part of, since when it is, by whose clocks, and what explains it: contributors are parallel arrays.
ALTER TABLE anomalies
    ADD COLUMN IF NOT EXISTS since                    Nullable(DateTime64(6, 'UTC')),
    ADD COLUMN IF NOT EXISTS time_zone                LowCardinality(String) DEFAULT 'UTC',
    ADD COLUMN IF NOT EXISTS severity                 LowCardinality(String) DEFAULT 'warning',
    ADD COLUMN IF NOT EXISTS observed_tokens          Nullable(Int64),
    ADD COLUMN IF NOT EXISTS expected_tokens          Nullable(Int64),
    ADD COLUMN IF NOT EXISTS observed_requests        Nullable(Int64),
    ADD COLUMN IF NOT EXISTS expected_requests        Nullable(Int64),
    ADD COLUMN IF NOT EXISTS part_of                  Nullable(String),
    ADD COLUMN IF NOT EXISTS contributor_dimensions   Array(Map(String, String)),
    ADD COLUMN IF NOT EXISTS contributor_expected_usd Array(Decimal(38, 12)),
    ADD COLUMN IF NOT EXISTS contributor_observed_usd Array(Decimal(38, 12));
