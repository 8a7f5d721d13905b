package dev.tokenmeter.storage.sink;

import dev.tokenmeter.schemas.BillLine;
import dev.tokenmeter.schemas.ProviderBill;
import dev.tokenmeter.schemas.Topics;
import java.util.function.Function;

/** {@link ProviderBill} to {@code provider_bills}. */
final class ProviderBillMapping implements TableMapping<ProviderBill> {
    @Override
    public Topics topic() {
        return Topics.PROVIDER_BILLS;
    }

    @Override
    public String table() {
        return "provider_bills";
    }

    @Override
    public Class<ProviderBill> recordType() {
        return ProviderBill.class;
    }

    @Override
    public Columns row(ProviderBill bill, int partition, long offset) {
        return new Columns()
                .text("tenant", bill.getTenant())
                .text("provider", bill.getProvider())
                .text("report", bill.getReport())
                .text("account", bill.getAccount())
                .time("window_start", bill.getWindowStart())
                .time("window_end", bill.getWindowEnd())
                .array("line_items", ofLines(bill, BillLine::getItem))
                .array("line_models", ofLines(bill, BillLine::getModel))
                .array("line_units", ofLines(bill, BillLine::getUnit))
                .array("line_accounts", ofLines(bill, BillLine::getAccount))
                .array("line_requests", ofLines(bill, BillLine::getRequests))
                .array("line_tokens", ofLines(bill, BillLine::getTokens))
                .array("line_quantities", ofLines(bill, BillLine::getUnits))
                .array("line_amounts", ofLines(bill, BillLine::getAmount))
                .array("line_currencies", ofLines(bill, BillLine::getCurrency))
                .text("source", bill.getSource())
                .text("import_id", bill.getImportId())
                .time("imported_at", bill.getImportedAt())
                .text("imported_by", bill.getImportedBy());
    }

    private static Object[] ofLines(ProviderBill bill, Function<BillLine, Object> field) {
        return bill.getLines().stream().map(field).toArray();
    }
}
