package dev.tokenmeter.storage.sink;

import static dev.tokenmeter.storage.sink.TestRecords.money;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenmeter.schemas.Alert;
import dev.tokenmeter.schemas.AlertState;
import dev.tokenmeter.schemas.Anomaly;
import dev.tokenmeter.schemas.AnomalyContributor;
import dev.tokenmeter.schemas.BillLine;
import dev.tokenmeter.schemas.BudgetStatus;
import dev.tokenmeter.schemas.Granularity;
import dev.tokenmeter.schemas.Outcome;
import dev.tokenmeter.schemas.ProviderBill;
import dev.tokenmeter.schemas.UsageEvent;
import dev.tokenmeter.schemas.UsageRollup;
import dev.tokenmeter.schemas.UsageSource;
import dev.tokenmeter.storage.clickhouse.ClickHouseForTests;
import dev.tokenmeter.storage.query.Dimension;
import dev.tokenmeter.storage.query.EventFilter;
import dev.tokenmeter.storage.query.Journal;
import dev.tokenmeter.storage.query.ProviderBills;
import dev.tokenmeter.storage.query.StoredEvents;
import dev.tokenmeter.storage.query.TimeRange;
import java.math.BigDecimal;
import java.sql.Array;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Collectors;
import org.apache.avro.Schema;
import org.apache.avro.specific.SpecificRecord;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every field of every record comes back from its column as it went in; a new field without a column fails here. */
class MappingRoundTripTest {
    private static final String AWKWARD = "O'Neill \\ \"x\"\n\n? {} ; -- \u00fc\u4e2d\ud83d\ude00";
    private static final Instant AT = Instant.parse("2026-11-23T23:59:59.999999Z");
    private static ClickHouseForTests db;

    @BeforeAll
    static void start() throws Exception {
        db = ClickHouseForTests.migrated();
    }

    @AfterAll
    static void stop() throws Exception {
        db.close();
    }

    record Sample<R extends SpecificRecord>(TableMapping<R> mapping, R record) {
        @Override
        public String toString() {
            return mapping.table();
        }

        SinkRow row() throws Exception {
            return TestRecords.row(db.clickHouse(), mapping, record);
        }
    }

    static List<Sample<?>> fullRecords() {
        return List.of(
                new Sample<>(new UsageEventMapping(), fullEvent()),
                new Sample<>(new UsageRollupMapping(), fullRollup()),
                new Sample<>(new BudgetStatusMapping(), budgetStatus()),
                new Sample<>(new AnomalyMapping(), anomaly()),
                new Sample<>(new AlertMapping(), alert()));
    }

    @ParameterizedTest
    @MethodSource("fullRecords")
    void everyFieldComesBack(Sample<?> sample) throws Exception {
        new RowInserter(db.clickHouse()).insert(List.of(sample.row()));
        try (Connection connection = db.clickHouse().open();
                var statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT " + selectList(sample.record()) + " FROM "
                        + sample.mapping().table() + " WHERE tenant NOT IN ('bare', 'back', 'explained')")) {
            assertThat(row.next()).isTrue();
            for (Schema.Field field : columns(sample.record())) {
                Object expected = plain(sample.record().get(field.pos()));
                assertThat(plain(row.getObject(field.name()))).as(field.name()).isEqualTo(expected);
            }
        }
    }

    @Test
    void anEventReadsBackAsItWas() throws Exception {
        UsageEvent full = UsageEvent.newBuilder(fullEvent()).setTenant("back").build();
        UsageEvent bare = TestRecords.event("back", AT, "m", null).build();
        TestRecords.store(db.clickHouse(), full, bare);
        EventFilter filter = new EventFilter(
                new TimeRange(AT.minusSeconds(10), AT.plusSeconds(10)), Map.of(Dimension.Field.TENANT, "back"), false);

        List<UsageEvent> found = new ArrayList<>();
        new StoredEvents(db.clickHouse()).forEach(filter, found::add);
        assertThat(found).containsExactlyInAnyOrder(full, bare);
    }

    @Test
    void anAnomalyReadsBackWithItsContributors() throws Exception {
        Anomaly explained = Anomaly.newBuilder(anomaly())
                .setTenant("explained")
                .setResolved(false)
                .setContributors(List.of(
                        new AnomalyContributor(Map.of("tag.team", AWKWARD), money("0.000000000001"), money("7")),
                        new AnomalyContributor(Map.of("model", "m", "api_key_id", "k"), money("1"), money("2"))))
                .build();
        Anomaly plain = Anomaly.newBuilder(anomaly())
                .setAnomalyId("a2")
                .setTenant("explained")
                .setResolved(false)
                .setDetectedAt(AT.minusSeconds(9))
                .setSince(null)
                .setPartOf(null)
                .setObservedTokens(null)
                .build();
        TestRecords.store(db.clickHouse(), explained);
        TestRecords.store(db.clickHouse(), plain);

        List<Journal.AnomalyRow> rows = new Journal(db.clickHouse()).anomalies(Optional.of("explained"), 10);
        Journal.AnomalyRow row = rows.get(0);
        assertThat(row.contributors())
                .containsExactly(
                        new Journal.Contributor(Map.of("tag.team", AWKWARD), money("0.000000000001"), money("7")),
                        new Journal.Contributor(Map.of("model", "m", "api_key_id", "k"), money("1"), money("2")));
        assertThat(row.since()).isEqualTo(AT);
        assertThat(row.timeZone()).isEqualTo("Asia/Kathmandu");
        assertThat(row.severity()).isEqualTo("critical");
        assertThat(row.observedTokens()).isEqualTo(Long.MAX_VALUE);
        assertThat(row.expectedRequests()).isEqualTo(3L);
        assertThat(row.partOf()).isEqualTo(AWKWARD);
        assertThat(rows.get(1).since()).isNull();
        assertThat(rows.get(1).partOf()).isNull();
        assertThat(rows.get(1).observedTokens()).isNull();
        assertThat(rows.get(1).contributors()).isEmpty();
    }

    @Test
    void aBillReadsBackAsItWasAndIsReplacedWhole() throws Exception {
        ProviderBill bill = ProviderBill.newBuilder()
                .setTenant("acme")
                .setProvider("openai")
                .setReport("costs")
                .setAccount(AWKWARD)
                .setWindowStart(AT.truncatedTo(ChronoUnit.DAYS))
                .setWindowEnd(AT.truncatedTo(ChronoUnit.DAYS).plus(1, ChronoUnit.DAYS))
                .setLines(List.of(
                        BillLine.newBuilder()
                                .setItem(AWKWARD)
                                .setModel("gpt'5\\")
                                .setUnit("seconds")
                                .setAccount("proj_1")
                                .setRequests(Long.MAX_VALUE)
                                .setTokens(Map.of("text_output_tokens", Long.MAX_VALUE, AWKWARD, 0L))
                                .setUnits(Map.of("seconds", money("0.000000000001")))
                                .setAmount(money("12345678901234567890123456.123456789012"))
                                .setCurrency("EUR")
                                .build(),
                        BillLine.newBuilder().setAmount(money("-0.01")).build(),
                        BillLine.newBuilder().build()))
                .setSource("openai_costs")
                .setImportId("imp_1")
                .setImportedAt(AT)
                .setImportedBy("finance")
                .build();
        ProviderBill later = ProviderBill.newBuilder(bill)
                .setLines(List.of())
                .setImportId("imp_2")
                .setImportedAt(AT.plus(1, ChronoUnit.MICROS))
                .build();
        TimeRange day = new TimeRange(bill.getWindowStart(), bill.getWindowEnd());
        ProviderBills bills = new ProviderBills(db.clickHouse());

        TestRecords.store(db.clickHouse(), bill, bill);
        assertThat(bills.of(day, Optional.of("acme"), Optional.of("openai"))).containsExactly(bill);
        assertThat(db.ask("SELECT count() FROM provider_bill_lines WHERE amount < 0"))
                .hasToString("1");

        TestRecords.store(db.clickHouse(), later, bill);
        assertThat(bills.of(day, Optional.empty(), Optional.empty())).containsExactly(later);
        assertThat(bills.of(day, Optional.of("other"), Optional.empty())).isEmpty();
        assertThat(bills.of(day, Optional.empty(), Optional.of("other"))).isEmpty();
    }

    @Test
    void whatIsUnknownStaysNull() throws Exception {
        UsageEvent bare = TestRecords.event("bare", AT, "m", null).build();
        new RowInserter(db.clickHouse())
                .insert(List.of(TestRecords.row(db.clickHouse(), new UsageEventMapping(), bare)));
        assertThat(db.ask("SELECT toString((cost_usd, provider_cost_usd, price_id, http_status, time_to_first_token_ms,"
                        + " trace_id, raw_usage)) FROM usage_events WHERE tenant = 'bare'"))
                .isEqualTo("(NULL,NULL,NULL,NULL,NULL,NULL,NULL)");
    }

    /** Those with a column of the same name; lists of records are in several. */
    private static List<Schema.Field> columns(SpecificRecord record) {
        return record.getSchema().getFields().stream()
                .filter(field -> !(field.schema().getType() == Schema.Type.ARRAY
                        && field.schema().getElementType().getType() == Schema.Type.RECORD))
                .toList();
    }

    private static String selectList(SpecificRecord record) {
        return String.join(
                ", ",
                columns(record).stream()
                        .map(field -> record.get(field.pos()) instanceof Instant
                                ? "toUnixTimestamp64Micro(" + field.name() + ") AS " + field.name()
                                : field.name())
                        .toList());
    }

    /** Both sides in one shape: numbers as decimals without trailing zeros, times as micros, names as text. */
    private static Object plain(Object value) {
        if (value instanceof Instant time) {
            return plain(ChronoUnit.MICROS.between(Instant.EPOCH, time));
        } else if (value instanceof BigDecimal number) {
            return number.stripTrailingZeros();
        } else if (value instanceof Number number) {
            return new BigDecimal(number.toString()).stripTrailingZeros();
        } else if (value instanceof Map<?, ?> map) {
            return map.entrySet().stream()
                    .collect(Collectors.toMap(entry -> entry.getKey().toString(), entry -> plain(entry.getValue())));
        } else if (value instanceof List<?> list) {
            return list.stream().map(MappingRoundTripTest::plain).toList();
        } else if (value instanceof Array array) {
            try {
                return Arrays.stream((Object[]) array.getArray())
                        .map(MappingRoundTripTest::plain)
                        .toList();
            } catch (SQLException e) {
                throw new AssertionError(e);
            }
        }
        return value instanceof Boolean ? value : String.valueOf(value);
    }

    private static UsageEvent fullEvent() {
        return UsageEvent.newBuilder()
                .setEventId(UUID.randomUUID())
                .setOccurredAt(AT)
                .setGatewayId("gw-1")
                .setGatewayRun("run-1")
                .setSource("import")
                .setProviderRequestId("req'1")
                .setTraceId("4bf92f3577b34da6a3ce929d0e0e4736")
                .setAttempt(2)
                .setTenant("acme")
                .setApiKeyId("key_1")
                .setTags(Map.of("team", AWKWARD, AWKWARD, "x", "empty", ""))
                .setEndUser(AWKWARD)
                .setProvider("openai")
                .setModel("gpt'5\\")
                .setRequestedModel("gpt-5")
                .setOperation("chat")
                .setServiceTier("flex")
                .setRegion("eu")
                .setStreamed(true)
                .setOutcome(Outcome.client_aborted)
                .setHttpStatus(200)
                .setUncachedInputTokens(1)
                .setCacheReadInputTokens(2)
                .setCacheWrite5mInputTokens(3)
                .setCacheWrite1hInputTokens(4)
                .setAudioInputTokens(5)
                .setImageInputTokens(6)
                .setTextOutputTokens(7)
                .setReasoningOutputTokens(8)
                .setAudioOutputTokens(9)
                .setImageOutputTokens(Long.MAX_VALUE)
                .setUnits(Map.of("web_searches", money("3"), "seconds", money("0.000000000001")))
                .setUsageSource(UsageSource.partial)
                .setRawUsage("{\"prompt_tokens\": 1,\n\n\"x\": {\"y\": 2}}")
                .setCostUsd(money("12345678901234567890123456.123456789012"))
                .setCostParts(Map.of("uncached_input_tokens", money("0.000000000001")))
                .setProviderCostUsd(money("0.1"))
                .setPriceId("snapshot/openai")
                .setCostCurrency("EUR")
                .setExchangeRate(new BigDecimal("1.087300000000"))
                .setLatencyMs(1234)
                .setTimeToFirstTokenMs(56L)
                .setOverheadUs(78)
                .setRevision(2)
                .setCorrectedAt(AT)
                .setCorrectedBy("finance")
                .setCorrectionReason(AWKWARD)
                .setCostUsdBefore(money("0.2"))
                .setCostPartsBefore(Map.of("text_output_tokens", money("0.2")))
                .setPriceIdBefore("shipped:openai/gpt-5")
                .build();
    }

    private static UsageRollup fullRollup() {
        UsageEvent event = fullEvent();
        Instant start = AT.truncatedTo(ChronoUnit.HOURS);
        return TestRecords.rollup(event, Granularity.hour, start, start.plus(1, ChronoUnit.HOURS))
                .setErrors(1)
                .setUnpricedRequests(2)
                .setUnpricedTokens(3)
                .setCacheReadInputTokens(2)
                .setCacheWrite5mInputTokens(3)
                .setCacheWrite1hInputTokens(4)
                .setAudioInputTokens(5)
                .setImageInputTokens(6)
                .setReasoningOutputTokens(8)
                .setAudioOutputTokens(9)
                .setImageOutputTokens(10)
                .build();
    }

    private static BudgetStatus budgetStatus() {
        return BudgetStatus.newBuilder()
                .setBudgetId("b1")
                .setTenant("acme")
                .setName(AWKWARD)
                .setDimensions(Map.of("tag.team", AWKWARD))
                .setPeriod("week")
                .setTimeZone("Asia/Kathmandu")
                .setPeriodStart(AT.truncatedTo(ChronoUnit.DAYS))
                .setPeriodEnd(AT)
                .setSpentUsd(money("81.5"))
                .setSpentByGatewayRun(Map.of("run-1", money("81.5")))
                .setSpentTokens(12_345_678_901L)
                .setTokensByGatewayRun(Map.of("run-1", 12_345_678_901L))
                .setLimitUsd(money("100"))
                .setLimitTokens(99L)
                .setHard(true)
                .setFallbackModel("small")
                .setCarriedOverUsd(money("12.5"))
                .setCarriedOverTokens(11)
                .setForecastUsd(money("120"))
                .setForecastLowUsd(money("100.5"))
                .setForecastHighUsd(money("140"))
                .setForecastTokens(120L)
                .setForecastLowTokens(100L)
                .setForecastHighTokens(140L)
                .setExhaustedAt(AT)
                .setTopContributors(Map.of("model=" + AWKWARD, money("60.000000000001")))
                .setClosed(true)
                .setThresholdsPercent(List.of(80, 100))
                .setThresholdsCrossed(List.of(80))
                .setRevision(7)
                .setUpdatedAt(AT)
                .build();
    }

    private static Anomaly anomaly() {
        return Anomaly.newBuilder()
                .setAnomalyId("a1")
                .setTenant("acme")
                .setRule("day_over_average")
                .setDimensions(Map.of("model", AWKWARD))
                .setWindowStart(AT.truncatedTo(ChronoUnit.DAYS))
                .setWindowEnd(AT)
                .setObservedUsd(money("20"))
                .setExpectedUsd(money("10"))
                .setFactor(money("2"))
                .setDetectedAt(AT)
                .setResolved(true)
                .setRevision(77)
                .setSince(AT)
                .setTimeZone("Asia/Kathmandu")
                .setSeverity("critical")
                .setObservedTokens(Long.MAX_VALUE)
                .setExpectedTokens(1L)
                .setObservedRequests(2L)
                .setExpectedRequests(3L)
                .setPartOf(AWKWARD)
                .build();
    }

    private static Alert alert() {
        return Alert.newBuilder()
                .setAlertId("al1")
                .setKind("budget_threshold")
                .setState(AlertState.firing)
                .setSeverity("warning")
                .setTenant("acme")
                .setSummary(AWKWARD)
                .setLabels(Map.of("budget_id", "b1"))
                .setObservedUsd(money("80"))
                .setLimitUsd(money("100"))
                .setWindowStart(AT.truncatedTo(ChronoUnit.DAYS))
                .setWindowEnd(AT)
                .setStartsAt(AT)
                .setUpdatedAt(AT)
                .setPageUrl("https://usage.example.com/?tenant=acme")
                .build();
    }
}
