package dev.tokenmeter.storage.query;

import dev.tokenmeter.schemas.BillLine;
import dev.tokenmeter.schemas.Money;
import dev.tokenmeter.schemas.ProviderBill;
import dev.tokenmeter.storage.clickhouse.ClickHouse;
import java.math.BigDecimal;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Days of providers' own exports, each as it was last imported. Thread-safe; blocking. */
public final class ProviderBills {
    private final Rows rows;

    public ProviderBills(ClickHouse clickHouse) {
        this.rows = new Rows(clickHouse);
    }

    /**
     * Days that begin within a range, in their order.
     *
     * @param tenant whose accounts; empty for all, those of all tenants together included
     * @param provider of which; empty for all
     * @throws QueryException if ClickHouse does not answer
     */
    public List<ProviderBill> of(TimeRange range, Optional<String> tenant, Optional<String> provider) {
        Sql sql = new Sql()
                .add("SELECT *, toUnixTimestamp64Micro(window_start) AS start_micros,"
                        + " toUnixTimestamp64Micro(window_end) AS end_micros,"
                        + " toUnixTimestamp64Micro(imported_at) AS imported_micros FROM provider_bills FINAL")
                .add(" WHERE window_start >= ?", range.from())
                .add(" AND window_start < ?", range.until());
        tenant.ifPresent(name -> sql.add(" AND tenant = ?", name));
        provider.ifPresent(name -> sql.add(" AND provider = ?", name));
        sql.add(" ORDER BY window_start, provider, report, tenant, account");
        return rows.of(sql, ProviderBills::bill);
    }

    private static ProviderBill bill(ResultSet row) throws SQLException {
        return ProviderBill.newBuilder()
                .setTenant(row.getString("tenant"))
                .setProvider(row.getString("provider"))
                .setReport(row.getString("report"))
                .setAccount(row.getString("account"))
                .setWindowStart(Rows.time(row, "start_micros"))
                .setWindowEnd(Rows.time(row, "end_micros"))
                .setLines(lines(row))
                .setSource(row.getString("source"))
                .setImportId(row.getString("import_id"))
                .setImportedAt(Rows.time(row, "imported_micros"))
                .setImportedBy(row.getString("imported_by"))
                .build();
    }

    private static List<BillLine> lines(ResultSet row) throws SQLException {
        Object[] items = array(row, "line_items");
        Object[] models = array(row, "line_models");
        Object[] units = array(row, "line_units");
        Object[] accounts = array(row, "line_accounts");
        Object[] requests = array(row, "line_requests");
        Object[] tokens = array(row, "line_tokens");
        Object[] quantities = array(row, "line_quantities");
        Object[] amounts = array(row, "line_amounts");
        Object[] currencies = array(row, "line_currencies");
        List<BillLine> lines = new ArrayList<>(items.length);
        for (int i = 0; i < items.length; i++) {
            lines.add(BillLine.newBuilder()
                    .setItem((String) items[i])
                    .setModel((String) models[i])
                    .setUnit((String) units[i])
                    .setAccount((String) accounts[i])
                    .setRequests(requests[i] == null ? null : ((Number) requests[i]).longValue())
                    .setTokens(counts(tokens[i]))
                    .setUnits(amounts(quantities[i]))
                    .setAmount(amount(amounts[i]))
                    .setCurrency((String) currencies[i])
                    .build());
        }
        return lines;
    }

    private static Object[] array(ResultSet row, String column) throws SQLException {
        return (Object[]) row.getArray(column).getArray();
    }

    private static Map<String, Long> counts(Object found) {
        Map<String, Long> counts = new HashMap<>();
        ((Map<?, ?>) found).forEach((name, value) -> counts.put((String) name, ((Number) value).longValue()));
        return counts;
    }

    private static Map<String, BigDecimal> amounts(Object found) {
        Map<String, BigDecimal> amounts = new HashMap<>();
        ((Map<?, ?>) found).forEach((name, value) -> amounts.put((String) name, amount(value)));
        return amounts;
    }

    private static BigDecimal amount(Object found) {
        return found == null ? null : ((BigDecimal) found).setScale(Money.SCALE);
    }
}
