package dev.tokenmeter.queryapi.bills;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenmeter.schemas.BillLine;
import dev.tokenmeter.schemas.ProviderBill;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** Importing again changes nothing, in whatever pieces. */
class BillImportProperties {
    private static final long DAY = 86_400;
    private static final long START = Instant.parse("2026-11-01T00:00:00Z").getEpochSecond();

    record Result(String item, BigDecimal amount) {}

    @Provide
    Arbitrary<List<List<Result>>> days() {
        Arbitrary<Result> result = Combinators.combine(
                        Arbitraries.of(
                                "gpt-4o-2024-08-06, input", "gpt-4o-2024-08-06, output", "Web search tool calls", ""),
                        Arbitraries.longs().between(-1_000_000_000_000L, 1_000_000_000_000L))
                .as((item, units) -> new Result(item, BigDecimal.valueOf(units, 12)));
        return result.list().ofMaxSize(6).list().ofMinSize(1).ofMaxSize(8);
    }

    @Property(tries = 200)
    void twiceIsOnceInOneFileOrInTwo(@ForAll("days") List<List<Result>> days) {
        List<String> pages = pages(days);
        String once = String.join("\n", pages);
        Map<String, List<BillLine>> log = imported(once);
        assertThat(imported(once + once)).isEqualTo(log);

        Map<String, List<BillLine>> compacted = new HashMap<>(log);
        compacted.putAll(imported("[" + String.join(",", pages) + "]"));
        assertThat(compacted).isEqualTo(log);
    }

    @Property(tries = 200)
    void theSumOfWhatIsKeptIsTheSumOfTheExport(@ForAll("days") List<List<Result>> days) {
        BigDecimal kept = imported(String.join("", pages(days))).values().stream()
                .flatMap(List::stream)
                .map(BillLine::getAmount)
                .reduce(BigDecimal.ZERO, BigDecimal::add);
        BigDecimal stated =
                days.stream().flatMap(List::stream).map(Result::amount).reduce(BigDecimal.ZERO, BigDecimal::add);
        assertThat(kept).isEqualByComparingTo(stated);
    }

    /** As the topic holds it: by key, the last one of each. */
    private static Map<String, List<BillLine>> imported(String upload) {
        BillSheet sheet = new BillSheet();
        new OpenAiCostsReader().read(upload.getBytes(StandardCharsets.UTF_8), sheet);
        Map<String, List<BillLine>> log = new HashMap<>();
        sheet.days()
                .forEach((slot, lines) -> log.put(
                        BillLog.key(ProviderBill.newBuilder()
                                .setProvider("openai")
                                .setReport(slot.report())
                                .setWindowStart(slot.day())
                                .setWindowEnd(slot.day())
                                .setLines(lines)
                                .setSource("openai_costs")
                                .setImportId("i")
                                .setImportedAt(Instant.EPOCH)
                                .setImportedBy("t")
                                .build()),
                        lines));
        return log;
    }

    private static List<String> pages(List<List<Result>> days) {
        List<String> pages = new ArrayList<>();
        for (int i = 0; i < days.size(); i++) {
            List<String> results = days.get(i).stream()
                    .map(result -> "{\"object\":\"organization.costs.result\",\"amount\":{\"value\":"
                            + result.amount.toPlainString() + ",\"currency\":\"usd\"},\"line_item\":\"" + result.item
                            + "\"}")
                    .toList();
            pages.add("{\"data\":[{\"start_time\":" + (START + i * DAY) + ",\"end_time\":" + (START + (i + 1) * DAY)
                    + ",\"results\":[" + String.join(",", results) + "]}]}");
        }
        return pages;
    }
}
