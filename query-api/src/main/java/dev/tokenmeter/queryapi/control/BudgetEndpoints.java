package dev.tokenmeter.queryapi.control;

import com.fasterxml.uuid.Generators;
import dev.tokenmeter.queryapi.access.Access;
import dev.tokenmeter.queryapi.http.ApiAnswer;
import dev.tokenmeter.queryapi.http.ApiRequest;
import dev.tokenmeter.queryapi.http.Endpoints;
import dev.tokenmeter.queryapi.problem.Problem;
import dev.tokenmeter.schemas.Budget;
import dev.tokenmeter.schemas.Money;
import dev.tokenmeter.schemas.budget.BudgetDimensions;
import dev.tokenmeter.schemas.budget.BudgetRules;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** {@code /api/v1/budgets}. What belongs to another tenant than the token's does not exist for it. */
public final class BudgetEndpoints {
    private static final long MOST_TOKENS = 1_000_000_000_000_000L;
    private static final Set<String> FIELDS = Set.of(
            "tenant",
            "name",
            "dimensions",
            "amount_usd",
            "amount_tokens",
            "period",
            "time_zone",
            "thresholds_percent",
            "hard",
            "fallback_model",
            "roll_over_percent");

    private final CompactedTopic<Budget> budgets;
    private final BudgetDimensions dimensions;
    private final Clock clock;
    private final Object changing = new Object();

    /** @param dimensions those that budgets may name */
    public BudgetEndpoints(CompactedTopic<Budget> budgets, BudgetDimensions dimensions, Clock clock) {
        this.budgets = budgets;
        this.dimensions = dimensions;
        this.clock = clock;
    }

    /** Puts them on their paths. */
    public void register(Endpoints endpoints) {
        endpoints.get("/api/v1/budgets", Set.of("tenant"), this::list);
        endpoints.post("/api/v1/budgets", this::create);
        endpoints.get("/api/v1/budgets/:id", Set.of(), request -> ApiAnswer.data(json(visible(request))));
        endpoints.put("/api/v1/budgets/:id", this::replace);
        endpoints.delete("/api/v1/budgets/:id", this::delete);
    }

    private ApiAnswer list(ApiRequest request) {
        Optional<String> tenant = request.access().scope(request.parameters().text("tenant"));
        return ApiAnswer.data(budgets.all().stream()
                .filter(budget -> tenant.isEmpty() || tenant.get().equals(budget.getTenant()))
                .map(BudgetEndpoints::json)
                .toList());
    }

    private Budget visible(ApiRequest request) {
        return budgets.get(request.id())
                .filter(budget -> request.access().sees(budget.getTenant()))
                .orElseThrow(() -> Problem.notFound("Budget " + request.id()));
    }

    private ApiAnswer create(ApiRequest request) {
        request.access().requireEditor();
        String id = "bud_"
                + Generators.timeBasedEpochGenerator().generate().toString().replace("-", "");
        return ApiAnswer.created(json(store(id, request)));
    }

    private ApiAnswer replace(ApiRequest request) {
        request.access().requireEditor();
        String id = request.id();
        if (!id.matches("[A-Za-z0-9._-]{1,100}")) {
            throw Problem.badParameter("id", "found '" + id + "'", "1 to 100 letters, digits, '.', '_' and '-'");
        }
        Body body = new Body(request.body(), FIELDS);
        synchronized (changing) { // so that of two who take an id at once one gets it
            return replace(id, body, request);
        }
    }

    private ApiAnswer replace(String id, Body body, ApiRequest request) {
        Optional<Budget> present = budgets.get(id);
        if (present.isPresent() && !request.access().sees(present.get().getTenant())) {
            throw Problem.notFound("Budget " + id);
        }
        Budget budget = budget(id, body, request.access(), present);
        if (present.isPresent() && !present.get().getTenant().equals(budget.getTenant())) {
            throw Problem.badParameter(
                    "tenant",
                    "found '" + budget.getTenant() + "'",
                    present.get().getTenant() + ", as it was made");
        }
        budgets.put(id, budget);
        Map<String, Object> stored = json(budget);
        return present.isPresent() ? ApiAnswer.data(stored) : ApiAnswer.created(stored);
    }

    private ApiAnswer delete(ApiRequest request) {
        request.access().requireEditor();
        budgets.put(visible(request).getBudgetId(), null);
        return ApiAnswer.nothing();
    }

    private Budget store(String id, ApiRequest request) {
        Budget budget = budget(id, new Body(request.body(), FIELDS), request.access(), Optional.empty());
        budgets.put(id, budget);
        return budget;
    }

    private Budget budget(String id, Body body, Access access, Optional<Budget> before) {
        Instant now = clock.instant().truncatedTo(ChronoUnit.MICROS);
        int rollOver = body.number("roll_over_percent", 0, 100).orElse(0L).intValue();
        Optional<Long> tokens = body.number("amount_tokens", 1, MOST_TOKENS);
        if (tokens.isPresent() && body.has("amount_usd")) {
            throw Problem.badParameter("amount_tokens", "found beside amount_usd", "one of the two");
        }
        Budget budget = Budget.newBuilder()
                .setBudgetId(id)
                .setTenant(Owner.of(body, access))
                .setName(body.requiredText("name"))
                .setDimensions(body.texts("dimensions"))
                .setAmountUsd(tokens.isPresent() ? Money.ZERO : Money.exact(body.amount("amount_usd")))
                .setAmountTokens(tokens.orElse(null))
                .setPeriod(body.text("period").orElse("month"))
                .setTimeZone(body.text("time_zone").orElse("UTC"))
                .setThresholdsPercent(body.percentages("thresholds_percent", List.of(80)))
                .setHard(body.flag("hard", false))
                .setFallbackModel(body.text("fallback_model").orElse(null))
                .setRollOverPercent(rollOver)
                .setRollOverSince(
                        rollOver == 0
                                ? null
                                : before.map(Budget::getRollOverSince).orElse(now))
                .setUpdatedAt(now)
                .setUpdatedBy(access.name())
                .build();
        BudgetRules.Problem problem = BudgetRules.problem(budget, dimensions);
        if (problem != null) {
            throw Problem.badParameter(problem.field(), "found " + problem.found(), problem.allowed());
        }
        return budget;
    }

    private static Map<String, Object> json(Budget budget) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("budget_id", budget.getBudgetId());
        json.put("tenant", budget.getTenant());
        json.put("name", budget.getName());
        json.put("dimensions", budget.getDimensions());
        json.put("amount_usd", budget.getAmountTokens() == null ? budget.getAmountUsd() : null);
        json.put("amount_tokens", budget.getAmountTokens());
        json.put("period", budget.getPeriod());
        json.put("time_zone", budget.getTimeZone());
        json.put("thresholds_percent", budget.getThresholdsPercent());
        json.put("hard", budget.getHard());
        json.put("fallback_model", budget.getFallbackModel());
        json.put("roll_over_percent", budget.getRollOverPercent());
        json.put("updated_at", budget.getUpdatedAt());
        json.put("updated_by", budget.getUpdatedBy());
        return json;
    }
}
