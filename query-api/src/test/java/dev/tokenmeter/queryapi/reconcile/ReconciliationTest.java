package dev.tokenmeter.queryapi.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenmeter.schemas.BillLine;
import dev.tokenmeter.schemas.ProviderBill;
import dev.tokenmeter.schemas.TokenKind;
import dev.tokenmeter.storage.query.ModelDays.ModelDay;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

/** What the report says of figures that agree and of figures that do not. */
class ReconciliationTest {
    private static final Instant DAY = Instant.parse("2026-11-01T00:00:00Z");
    private static final Grouping FINEST = new Grouping(true, true);

    private static ModelDay ours(String model, String usd, long input, long output) {
        return ours(DAY, model, usd, input, output, 0, 0, Map.of());
    }

    private static ModelDay ours(
            Instant day,
            String model,
            String usd,
            long input,
            long output,
            long unpriced,
            long notFinal,
            Map<String, BigDecimal> parts) {
        Map<TokenKind, Long> tokens = new java.util.EnumMap<>(TokenKind.class);
        for (TokenKind kind : TokenKind.values()) {
            tokens.put(kind, 0L);
        }
        tokens.put(TokenKind.UNCACHED_INPUT, input);
        tokens.put(TokenKind.TEXT_OUTPUT, output);
        return new ModelDay(
                day, "openai", model, new BigDecimal(usd), parts, 10, 10 - unpriced, unpriced, tokens, notFinal);
    }

    private static ProviderBill bill(String report, BillLine... lines) {
        return bill(DAY, report, "", 0, lines);
    }

    private static ProviderBill bill(Instant day, String report, String account, int importedAt, BillLine... lines) {
        return ProviderBill.newBuilder()
                .setProvider("openai")
                .setReport(report)
                .setAccount(account)
                .setWindowStart(day)
                .setWindowEnd(day.plus(Duration.ofDays(1)))
                .setLines(List.of(lines))
                .setSource("test")
                .setImportId("imp")
                .setImportedAt(Instant.ofEpochSecond(importedAt))
                .setImportedBy("test")
                .build();
    }

    private static BillLine cost(String model, String usd) {
        return BillLine.newBuilder()
                .setModel(model)
                .setAmount(new BigDecimal(usd).setScale(12))
                .build();
    }

    private static BillLine usage(String model, long input, long cached, long output) {
        return BillLine.newBuilder()
                .setModel(model)
                .setRequests(10L)
                .setTokens(Map.of(
                        "uncached_input_tokens",
                        input - cached,
                        "cache_read_input_tokens",
                        cached,
                        "text_output_tokens",
                        output))
                .build();
    }

    private static List<Map<String, Object>> report(Grouping grouping, List<ModelDay> ours, ProviderBill... bills) {
        return new ReconciliationTable(
                        Reconciliation.of(ours, List.of(bills), grouping), grouping, new Tolerance(BigDecimal.ONE))
                .rows();
    }

    private static Map<String, Object> only(List<ModelDay> ours, ProviderBill... bills) {
        List<Map<String, Object>> rows = report(FINEST, ours, bills);
        assertThat(rows).hasSize(1);
        return rows.get(0);
    }

    private static String cause(List<ModelDay> ours, ProviderBill... bills) {
        return (String) only(ours, bills).get("cause");
    }

    @Test
    void figuresWithinTheToleranceAgree() {
        Map<String, Object> row = only(
                List.of(ours("gpt-4o-2024-08-06", "10", 1000, 100)),
                bill("costs", cost("gpt-4o-2024-08-06", "6"), cost("gpt-4o-2024-08-06", "4.05")),
                bill("usage.completions", usage("gpt-4o-2024-08-06", 1001, 0, 100)));
        assertThat(row)
                .containsEntry("cause", "agrees")
                .containsEntry("model", "gpt-4o-2024-08-06")
                .containsEntry("our_input_tokens", 1000L)
                .containsEntry("their_input_tokens", 1001L)
                .containsEntry("our_requests", 10L)
                .containsEntry("their_requests", 10L);
        assertThat((BigDecimal) row.get("difference_usd")).isEqualByComparingTo("0.05");
        assertThat((BigDecimal) row.get("difference_percent")).isEqualByComparingTo("0.5");
    }

    @Test
    void moreTokensThereAreCallsThatDidNotPassTheGateway() {
        Map<String, Object> row = only(
                List.of(ours("m", "10", 1000, 100)),
                bill("costs", cost("m", "20")),
                bill("usage.completions", usage("m", 2000, 0, 200)));
        assertThat(row).containsEntry("cause", "calls_elsewhere");
        assertThat((String) row.get("explanation")).startsWith("1100 tokens more");
    }

    @Test
    void fewerTokensThereAreAnExportThatIsBehind() {
        assertThat(cause(
                        List.of(ours("m", "10", 1000, 100)),
                        bill("costs", cost("m", "5")),
                        bill("usage.completions", usage("m", 500, 0, 50))))
                .isEqualTo("export_behind");
    }

    @Test
    void asManyTokensAtAnotherPriceTellTheRate() {
        Map<String, Object> row = only(
                List.of(ours("m", "10", 1000, 100)),
                bill("costs", cost("m", "8.5")),
                bill("usage.completions", usage("m", 1000, 0, 100)));
        assertThat(row).containsEntry("cause", "price");
        assertThat((String) row.get("explanation")).contains("they charge 0.85 of our price");
    }

    @Test
    void cachedTokensThatDifferAreTold() {
        assertThat(cause(
                        List.of(ours("m", "10", 1000, 100)),
                        bill("costs", cost("m", "6")),
                        bill("usage.completions", usage("m", 1000, 900, 100))))
                .isEqualTo("cached_tokens");
    }

    @Test
    void callsWithoutAPriceAreTheFirstSuspects() {
        assertThat(cause(
                        List.of(ours(DAY, "m", "10", 1000, 100, 3, 0, Map.of())),
                        bill("costs", cost("m", "20")),
                        bill("usage.completions", usage("m", 1000, 0, 100))))
                .isEqualTo("unpriced");
    }

    @Test
    void ourCostIsUnknownWhereNoneOfOurCallsHasAPriceAndTheDifferencesStillAddUp() {
        List<ModelDay> ours = List.of(
                ours(DAY, "m", "0", 1000, 100, 10, 0, Map.of()), ours(DAY, "n", "4", 1000, 100, 0, 0, Map.of()));
        List<Map<String, Object>> rows = report(FINEST, ours, bill("costs", cost("m", "20"), cost("n", "5")));
        assertThat(rows.get(0))
                .containsEntry("model", "m")
                .containsEntry("our_cost_usd", null)
                .containsEntry("difference_percent", null)
                .containsEntry("cause", "unpriced");
        assertThat((BigDecimal) rows.get(0).get("difference_usd")).isEqualByComparingTo("20");
        assertThat((BigDecimal) rows.get(1).get("our_cost_usd")).isEqualByComparingTo("4");
    }

    @Test
    void estimatesAreNamedWhereTheyAreManyAndTokensDiffer() {
        Map<String, Object> row = only(
                List.of(ours(DAY, "m", "10", 1000, 0, 0, 200, Map.of())),
                bill("costs", cost("m", "20")),
                bill("usage.completions", usage("m", 2000, 0, 0)));
        assertThat(row).containsEntry("cause", "estimated").containsEntry("estimated_percent", 20L);
    }

    @Test
    void withoutUsageItIsNotTold() {
        Map<String, Object> row = only(List.of(ours("m", "10", 1000, 100)), bill("costs", cost("m", "20")));
        assertThat(row).containsEntry("cause", "unknown").containsEntry("our_input_tokens", null);
    }

    @Test
    void whatOnlyOneSideHasIsARowOfItsOwn() {
        List<Map<String, Object>> rows = report(
                FINEST,
                List.of(ours("here", "10", 1000, 100)),
                bill(
                        "costs",
                        cost("there", "7"),
                        BillLine.newBuilder(cost("", "2"))
                                .setItem("Fine-tuning training")
                                .build()));
        assertThat(rows)
                .extracting(row -> row.get("model"), row -> row.get("item"), row -> row.get("cause"))
                .containsExactly(
                        org.assertj.core.groups.Tuple.tuple(null, "Fine-tuning training", "not_a_call"),
                        org.assertj.core.groups.Tuple.tuple("here", null, "only_ours"),
                        org.assertj.core.groups.Tuple.tuple("there", null, "only_theirs"));
    }

    @Test
    void anAliasThereIsComparedWithItsSnapshotsHere() {
        Map<String, Object> row = only(
                List.of(ours("gpt-4o-2024-08-06", "6", 600, 60), ours("gpt-4o-2024-11-20", "4", 400, 40)),
                bill("costs", cost("gpt-4o", "10")),
                bill("usage.completions", usage("gpt-4o", 1000, 0, 100)));
        assertThat(row).containsEntry("model", "gpt-4o").containsEntry("cause", "agrees");
    }

    @Test
    void snapshotsOnBothSidesAreComparedEachWithItself() {
        assertThat(report(
                        FINEST,
                        List.of(ours("gpt-4o-2024-08-06", "6", 600, 60), ours("gpt-4o-2024-11-20", "4", 400, 40)),
                        bill("costs", cost("gpt-4o-2024-08-06", "6"), cost("gpt-4o-2024-11-20", "9"))))
                .extracting(row -> row.get("cause"))
                .containsExactly("agrees", "unknown");
    }

    @Test
    void anExportThatNamesNoModelIsComparedByTheDay() {
        Map<String, Object> row =
                only(List.of(ours("a", "6", 600, 60), ours("b", "4", 400, 40)), bill("costs", cost("", "10")));
        assertThat(row).containsEntry("model", null).containsEntry("cause", "agrees");
    }

    @Test
    void aToolThatTheyChargeByItselfIsTakenOutOfTheModel() {
        List<Map<String, Object>> rows = report(
                FINEST,
                List.of(ours(DAY, "m", "10", 1000, 100, 0, 0, Map.of("web_search_requests", new BigDecimal("3")))),
                bill(
                        "costs",
                        cost("m", "7"),
                        BillLine.newBuilder(cost("", "3"))
                                .setItem("Web search tool calls")
                                .setUnit("web_search_requests")
                                .build()));
        assertThat(rows)
                .extracting(row -> row.get("model"), row -> row.get("item"), row -> row.get("cause"))
                .containsExactly(
                        org.assertj.core.groups.Tuple.tuple(null, "web_search_requests", "agrees"),
                        org.assertj.core.groups.Tuple.tuple("m", null, "agrees"));
    }

    @Test
    void otherCurrenciesAreShownAndNotCompared() {
        Map<String, Object> row = only(
                List.of(ours("m", "10", 1000, 100)),
                bill(
                        "costs",
                        BillLine.newBuilder(cost("m", "9")).setCurrency("EUR").build()));
        assertThat(row).containsEntry("cause", "currency").containsEntry("difference_usd", null);
        assertThat(row.get("other_amounts").toString()).contains("EUR=9");
    }

    @Test
    void aDayOfWhichNothingWasImportedIsInNoRow() {
        Instant next = DAY.plus(Duration.ofDays(1));
        Reconciliation report = Reconciliation.of(
                List.of(ours("m", "10", 1, 1), ours(next, "m", "90", 1, 1, 0, 0, Map.of())),
                List.of(bill("costs", cost("m", "10"))),
                FINEST);
        assertThat(report.total().ours().costUsd()).isEqualByComparingTo("10");
        assertThat(report.daysWithoutBill().get("openai")).containsExactly(java.time.LocalDate.parse("2026-11-02"));
    }

    @Test
    void anExportOfTheWholeCountsInThePlaceOfItsAccounts() {
        assertThat(only(
                        List.of(ours("m", "10", 1, 1)),
                        bill(DAY, "costs", "proj_a", 2, cost("m", "4")),
                        bill(DAY, "costs", "", 1, cost("m", "10"))))
                .containsEntry("cause", "agrees");
        assertThat(only(
                        List.of(ours("m", "10", 1, 1)),
                        bill(DAY, "costs", "proj_a", 1, cost("m", "4")),
                        bill(DAY, "costs", "proj_b", 1, cost("m", "6"))))
                .containsEntry("cause", "agrees");
    }

    @Test
    void usageOfATableAndOfTheApiDoNotAddUp() {
        assertThat(only(
                                List.of(ours("m", "10", 1000, 100)),
                                bill("costs", cost("m", "10")),
                                bill(DAY, "usage.completions", "", 1, usage("m", 1000, 0, 100)),
                                bill(DAY, "usage.all", "", 2, usage("m", 1010, 0, 100)))
                        .get("their_input_tokens"))
                .isEqualTo(1010L);
    }

    @Test
    void usageAloneIsComparedByTokens() {
        assertThat(only(List.of(ours("m", "10", 1000, 100)), bill("usage.completions", usage("m", 1000, 0, 100))))
                .containsEntry("cause", "agrees")
                .containsEntry("our_cost_usd", null);
        assertThat(cause(List.of(ours("m", "10", 1000, 100)), bill("usage.completions")))
                .isEqualTo("only_ours");
    }

    @Test
    void theTableForSpreadsheetsIsQuotedAndRunsNoFormula() {
        String csv = new ReconciliationTable(
                        Reconciliation.of(
                                List.of(ours("=cmd()", "10", 1000, 100)),
                                List.of(bill("costs", cost("a,\"b\"", "0.50"))),
                                FINEST),
                        FINEST,
                        new Tolerance(BigDecimal.ONE))
                .csv();
        assertThat(csv.lines().toList().get(0)).startsWith("day,provider,model,item,our_cost_usd,their_cost_usd");
        assertThat(csv).contains("2026-11-01,openai,'=cmd(),,10,0,-10,-100,").contains("\"a,\"\"b\"\"\",,0,0.5,0.5,,");
    }

    record Sample(int day, String model, BigDecimal usd) {}

    @Provide
    Arbitrary<List<Sample>> samples() {
        return Combinators.combine(
                        Arbitraries.integers().between(0, 3),
                        Arbitraries.of("gpt-4o", "gpt-4o-2024-08-06", "o3", ""),
                        Arbitraries.longs().between(0, 1_000_000_000_000_000L))
                .as((day, model, units) -> new Sample(day, model, BigDecimal.valueOf(units, 12)))
                .list()
                .ofMaxSize(12);
    }

    @Property(tries = 300)
    void totalsAddUpHoweverRowsAreGrouped(@ForAll("samples") List<Sample> here, @ForAll("samples") List<Sample> there) {
        List<ModelDay> ours = here.stream()
                .map(one -> ours(
                        DAY.plus(Duration.ofDays(one.day)), one.model, one.usd.toPlainString(), 1, 1, 0, 0, Map.of()))
                .toList();
        List<ProviderBill> bills = new ArrayList<>();
        for (int day = 0; day < 3; day++) {
            int number = day;
            BillLine[] lines = there.stream()
                    .filter(one -> one.day == number)
                    .map(one -> cost(one.model, one.usd.toPlainString()))
                    .toArray(BillLine[]::new);
            bills.add(bill(DAY.plus(Duration.ofDays(day)), "costs", "", 0, lines));
        }
        for (Grouping grouping : List.of(FINEST, new Grouping(true, false), new Grouping(false, true))) {
            Reconciliation report = Reconciliation.of(ours, bills, grouping);
            BigDecimal sumOfOurs =
                    here.stream().filter(one -> one.day < 3).map(Sample::usd).reduce(BigDecimal.ZERO, BigDecimal::add);
            BigDecimal sumOfTheirs =
                    there.stream().filter(one -> one.day < 3).map(Sample::usd).reduce(BigDecimal.ZERO, BigDecimal::add);
            assertThat(report.total().ours().cost()).isEqualByComparingTo(sumOfOurs);
            assertThat(report.total().theirs().cost()).isEqualByComparingTo(sumOfTheirs);
            BigDecimal differences =
                    report.rows().values().stream().map(Pair::difference).reduce(BigDecimal.ZERO, BigDecimal::add);
            assertThat(differences).isEqualByComparingTo(sumOfTheirs.subtract(sumOfOurs));
        }
    }

    @Test
    void theBillOfAllCountsOnceThoughTenantsHaveImportedTheirParts() {
        ProviderBill everybodys = bill("costs", cost("gpt-4o", "10"));
        ProviderBill acmes = ProviderBill.newBuilder(bill(DAY, "costs", "proj_acme", 5, cost("gpt-4o", "2")))
                .setTenant("acme")
                .build();
        List<ModelDay> ours = List.of(ours("gpt-4o", "10", 1, 1));
        assertThat(Reconciliation.of(ours, List.of(everybodys, acmes), FINEST)
                        .total()
                        .theirs()
                        .costUsd())
                .isEqualByComparingTo("10");
        assertThat(Reconciliation.of(ours, List.of(acmes), FINEST)
                        .total()
                        .theirs()
                        .costUsd())
                .isEqualByComparingTo("2");
    }
}
