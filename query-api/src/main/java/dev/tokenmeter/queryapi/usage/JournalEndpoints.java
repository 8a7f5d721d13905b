package dev.tokenmeter.queryapi.usage;

import dev.tokenmeter.queryapi.http.ApiAnswer;
import dev.tokenmeter.queryapi.http.ApiRequest;
import dev.tokenmeter.queryapi.http.Endpoints;
import dev.tokenmeter.queryapi.problem.Problem;
import dev.tokenmeter.storage.query.Journal;
import dev.tokenmeter.storage.query.LedgerCheck;
import dev.tokenmeter.storage.query.TimeRange;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/** Budgets' standing, alerts, anomalies and the ledger check. */
public final class JournalEndpoints {
    private static final int DEFAULT_LIMIT = 100;
    private static final int MAX_LIMIT = 1_000;
    private static final Set<String> LIST = Set.of("limit", "tenant");

    private final Journal journal;
    private final LedgerCheck ledger;
    private final Clock clock;

    public JournalEndpoints(Journal journal, LedgerCheck ledger, Clock clock) {
        this.journal = journal;
        this.ledger = ledger;
        this.clock = clock;
    }

    /** Puts them on their paths. */
    public void register(Endpoints endpoints) {
        endpoints.get("/api/v1/views/budget-utilization", Set.of("tenant"), this::budgets);
        endpoints.get("/api/v1/alerts", LIST, this::alerts);
        endpoints.get("/api/v1/anomalies", LIST, this::anomalies);
        endpoints.get("/api/v1/ledger-check", Set.of("from", "to", "tenant"), this::ledgerCheck);
    }

    private ApiAnswer budgets(ApiRequest request) {
        return ApiAnswer.data(journal.budgets(Asked.tenant(request), clock.instant()).stream()
                .map(JournalEndpoints::budget)
                .toList());
    }

    private static Map<String, Object> budget(Journal.BudgetStanding budget) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("budget_id", budget.budgetId());
        json.put("name", budget.name());
        json.put("tenant", budget.tenant());
        json.put("dimensions", budget.dimensions());
        json.put("period", budget.period());
        json.put("time_zone", budget.timeZone());
        json.put("spent_usd", budget.spentUsd());
        json.put("limit_usd", budget.limitTokens() == null ? budget.limitUsd() : null);
        json.put("spent_tokens", budget.spentTokens());
        json.put("limit_tokens", budget.limitTokens());
        json.put("utilization_percent", percent(budget.spent(), budget.limit()));
        json.put("thresholds_percent", budget.thresholdsPercent());
        json.put("period_start", budget.periodStart());
        json.put("period_end", budget.periodEnd());
        json.put("hard", budget.hard());
        json.put("fallback_model", budget.fallbackModel());
        putOutlook(json, budget.outlook(), budget.limitTokens() != null);
        json.put("as_of", budget.updatedAt());
        return json;
    }

    private static void putOutlook(Map<String, Object> json, Journal.Outlook outlook, boolean inTokens) {
        Map<String, BigDecimal> amounts = new LinkedHashMap<>();
        amounts.put("carried_over", outlook.carriedOver());
        amounts.put("forecast", outlook.expected());
        amounts.put("forecast_low", outlook.low());
        amounts.put("forecast_high", outlook.high());
        amounts.forEach((name, amount) -> {
            json.put(name + "_usd", inTokens ? null : amount);
            json.put(name + "_tokens", inTokens && amount != null ? amount.toBigInteger() : null);
        });
        json.put("exhausted_at", outlook.exhaustedAt());
        json.put(
                "top_contributors",
                outlook.topContributors().entrySet().stream()
                        .sorted(Map.Entry.<String, BigDecimal>comparingByValue().reversed())
                        .map(entry -> contributor(entry.getKey(), entry.getValue(), inTokens))
                        .toList());
    }

    private static Map<String, Object> contributor(String what, BigDecimal amount, boolean inTokens) {
        int between = what.indexOf('=');
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("dimension", what.substring(0, between));
        json.put("value", what.substring(between + 1));
        json.put("spent_usd", inTokens ? null : amount);
        json.put("spent_tokens", inTokens ? amount.toBigInteger() : null);
        return json;
    }

    private static double percent(BigDecimal spent, BigDecimal limit) {
        return limit.signum() == 0
                ? 0
                : spent.movePointRight(2)
                        .divide(limit, 2, RoundingMode.HALF_EVEN)
                        .doubleValue();
    }

    private ApiAnswer alerts(ApiRequest request) {
        return ApiAnswer.data(journal.alerts(Asked.tenant(request), limit(request)).stream()
                .map(JournalEndpoints::alert)
                .toList());
    }

    private static Map<String, Object> alert(Journal.AlertRow alert) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("alert_id", alert.alertId());
        json.put("kind", alert.kind());
        json.put("state", alert.state());
        json.put("severity", alert.severity());
        json.put("tenant", alert.tenant());
        json.put("summary", alert.summary());
        json.put("labels", alert.labels());
        json.put("observed_usd", alert.observedUsd());
        json.put("limit_usd", alert.limitUsd());
        json.put("window_start", alert.windowStart());
        json.put("window_end", alert.windowEnd());
        json.put("starts_at", alert.startsAt());
        json.put("updated_at", alert.updatedAt());
        return json;
    }

    private ApiAnswer anomalies(ApiRequest request) {
        return ApiAnswer.data(journal.anomalies(Asked.tenant(request), limit(request)).stream()
                .map(JournalEndpoints::anomaly)
                .toList());
    }

    private static Map<String, Object> anomaly(Journal.AnomalyRow anomaly) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("anomaly_id", anomaly.anomalyId());
        json.put("tenant", anomaly.tenant());
        json.put("rule", anomaly.rule());
        json.put("dimensions", anomaly.dimensions());
        json.put("window_start", anomaly.windowStart());
        json.put("window_end", anomaly.windowEnd());
        json.put("observed_usd", anomaly.observedUsd());
        json.put("expected_usd", anomaly.expectedUsd());
        json.put("factor", anomaly.factor());
        json.put("detected_at", anomaly.detectedAt());
        json.put("since", anomaly.since());
        json.put("time_zone", anomaly.timeZone());
        json.put("severity", anomaly.severity());
        json.put("observed_tokens", anomaly.observedTokens());
        json.put("expected_tokens", anomaly.expectedTokens());
        json.put("observed_requests", anomaly.observedRequests());
        json.put("expected_requests", anomaly.expectedRequests());
        json.put("part_of", anomaly.partOf());
        json.put(
                "contributors",
                anomaly.contributors().stream()
                        .map(JournalEndpoints::contributor)
                        .toList());
        return json;
    }

    private static Map<String, Object> contributor(Journal.Contributor contributor) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("dimensions", contributor.dimensions());
        json.put("expected_usd", contributor.expectedUsd());
        json.put("observed_usd", contributor.observedUsd());
        json.put("difference_usd", contributor.observedUsd().subtract(contributor.expectedUsd()));
        return json;
    }

    private static int limit(ApiRequest request) {
        return request.parameters().integer("limit", DEFAULT_LIMIT, 1, MAX_LIMIT);
    }

    private ApiAnswer ledgerCheck(ApiRequest request) {
        Instant now = clock.instant();
        TimeRange range = Asked.range(request.parameters(), now).upToRunningHour(now);
        if (!range.isAlignedTo(Duration.ofHours(1))) {
            throw Problem.badParameter("from", "from and to are not on full hours", "full hours or days, UTC");
        }
        LedgerCheck.Result result = ledger.run(range, Asked.tenant(request));
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("exact", result.exact());
        json.put("from", range.from());
        json.put("to", range.until());
        json.put("events", sums(result.events()));
        json.put(
                "rollups",
                result.rollups().stream().map(JournalEndpoints::group).toList());
        return ApiAnswer.data(json);
    }

    private static Map<String, Object> group(LedgerCheck.Group group) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("granularity", group.granularity());
        json.put("dimension_group", group.dimensionGroup());
        json.put("exact", group.exact());
        json.put("sums", sums(group.sums()));
        return json;
    }

    /** Amounts stay amounts, everything else is a whole number. */
    private static Map<String, Object> sums(Map<String, BigDecimal> sums) {
        Map<String, Object> json = new LinkedHashMap<>();
        sums.forEach((name, sum) -> json.put(name, name.endsWith("_usd") ? sum : sum.toBigIntegerExact()));
        return json;
    }
}
