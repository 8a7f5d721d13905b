-- What providers' own exports say of a day; a later import of the same day replaces it: read with FINAL.
-- Lines are parallel arrays, so that a day is replaced as a whole; the view below has a row for each.
CREATE TABLE IF NOT EXISTS provider_bills
(
    tenant          LowCardinality(String),
    provider        LowCardinality(String),
    report          LowCardinality(String),
    account         String,
    window_start    DateTime64(6, 'UTC'),
    window_end      DateTime64(6, 'UTC'),
    line_items      Array(String),
    line_models     Array(String),
    line_units      Array(String),
    line_accounts   Array(String),
    line_requests   Array(Nullable(Int64)),
    line_tokens     Array(Map(String, Int64)),
    line_quantities Array(Map(String, Decimal(38, 12))),
    line_amounts    Array(Nullable(Decimal(38, 12))),
    line_currencies Array(String),
    source          LowCardinality(String),
    import_id       String,
    imported_at     DateTime64(6, 'UTC'),
    imported_by     String
)
ENGINE = ReplacingMergeTree(imported_at)
ORDER BY (tenant, provider, window_start, report, account)
SETTINGS non_replicated_deduplication_window = 1000;

CREATE VIEW IF NOT EXISTS provider_bill_lines AS
SELECT tenant, provider, report, account AS export_account, window_start, window_end, item, model, unit, line_account,
       requests, tokens, quantities, amount, currency, source, import_id, imported_at, imported_by
FROM provider_bills FINAL
ARRAY JOIN
    line_items AS item, line_models AS model, line_units AS unit, line_accounts AS line_account,
    line_requests AS requests, line_tokens AS tokens, line_quantities AS quantities, line_amounts AS amount,
    line_currencies AS currency;
