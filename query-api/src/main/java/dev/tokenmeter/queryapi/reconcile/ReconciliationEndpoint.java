package dev.tokenmeter.queryapi.reconcile;

import dev.tokenmeter.queryapi.http.ApiAnswer;
import dev.tokenmeter.queryapi.http.ApiRequest;
import dev.tokenmeter.queryapi.http.Endpoint;
import dev.tokenmeter.queryapi.http.Endpoints;
import dev.tokenmeter.queryapi.http.Parameters;
import dev.tokenmeter.queryapi.problem.Problem;
import dev.tokenmeter.storage.query.ModelDays;
import dev.tokenmeter.storage.query.ProviderBills;
import dev.tokenmeter.storage.query.TimeRange;
import java.math.BigDecimal;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** {@code GET /api/v1/reconciliation}: where our figures and the providers' own differ, and why. */
public final class ReconciliationEndpoint implements Endpoint {
    private static final Duration DAY = Duration.ofDays(1);
    private static final int DEFAULT_DAYS = 31;
    private static final int MAX_DAYS = 100;
    private static final Set<String> GROUPS = Set.of("day", "model");

    private final ModelDays ours;
    private final ProviderBills bills;
    private final Clock clock;

    public ReconciliationEndpoint(ModelDays ours, ProviderBills bills, Clock clock) {
        this.ours = ours;
        this.bills = bills;
        this.clock = clock;
    }

    /** Puts it on its path. */
    public void register(Endpoints endpoints) {
        endpoints.get(
                "/api/v1/reconciliation",
                Set.of("from", "until", "provider", "tenant", "group_by", "tolerance", "format"),
                this);
    }

    @Override
    public ApiAnswer answer(ApiRequest request) {
        Parameters parameters = request.parameters();
        Optional<String> tenant = request.access().scope(parameters.text("tenant"));
        Optional<String> provider = parameters.text("provider");
        TimeRange range = range(parameters);
        Grouping grouping = grouping(parameters);
        Tolerance tolerance = tolerance(parameters);
        boolean csv = csv(parameters);
        ReconciliationTable table = new ReconciliationTable(
                Reconciliation.of(ours.of(range, tenant, provider), bills.of(range, tenant, provider), grouping),
                grouping,
                tolerance);
        if (csv) {
            return ApiAnswer.text("text/csv; charset=utf-8", table.csv());
        }
        Map<String, Object> meta = new LinkedHashMap<>();
        meta.put("from", range.from());
        meta.put("until", range.until());
        meta.put("tolerance_percent", tolerance.percent());
        meta.putAll(table.meta());
        return ApiAnswer.data(table.rows(), meta);
    }

    private TimeRange range(Parameters parameters) {
        Instant today = clock.instant().truncatedTo(ChronoUnit.DAYS);
        Instant until = day(parameters, "until", today.plus(DAY));
        Instant from = day(parameters, "from", until.minus(DAY.multipliedBy(DEFAULT_DAYS)));
        if (until.isBefore(from) || Duration.between(from, until).compareTo(DAY.multipliedBy(MAX_DAYS)) > 0) {
            throw Problem.badParameter(
                    "until",
                    "found " + until,
                    "a day not before from (" + from + "), and at most " + MAX_DAYS + " after");
        }
        return new TimeRange(from, until);
    }

    private static Instant day(Parameters parameters, String name, Instant byDefault) {
        Instant time = parameters.time(name, byDefault);
        if (!time.equals(time.truncatedTo(ChronoUnit.DAYS))) {
            throw Problem.badParameter(
                    name, "found " + time, "midnight UTC, or a day such as 2026-11-01: exports are by day");
        }
        return time;
    }

    private static Grouping grouping(Parameters parameters) {
        List<String> names = parameters.list("group_by", List.of("day", "model"));
        if (!GROUPS.containsAll(names) || new HashSet<>(names).size() != names.size()) {
            throw Problem.badParameter(
                    "group_by", "found '" + String.join(",", names) + "'", "day, model or day,model");
        }
        return new Grouping(names.contains("day"), names.contains("model"));
    }

    private static Tolerance tolerance(Parameters parameters) {
        String text = parameters.text("tolerance").orElse("1");
        if (!text.matches("\\d{1,3}(\\.\\d{1,6})?") || new BigDecimal(text).compareTo(BigDecimal.valueOf(100)) > 0) {
            throw Problem.badParameter("tolerance", "found '" + text + "'", "percent, from 0 to 100, such as 0.5");
        }
        return new Tolerance(new BigDecimal(text));
    }

    private static boolean csv(Parameters parameters) {
        String format = parameters.text("format").orElse("json");
        if (!format.equals("json") && !format.equals("csv")) {
            throw Problem.badParameter("format", "found '" + format + "'", "json, csv");
        }
        return format.equals("csv");
    }
}
