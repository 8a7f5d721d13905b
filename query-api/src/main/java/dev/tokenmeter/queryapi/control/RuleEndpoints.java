package dev.tokenmeter.queryapi.control;

import com.fasterxml.uuid.Generators;
import dev.tokenmeter.queryapi.access.Access;
import dev.tokenmeter.queryapi.http.ApiAnswer;
import dev.tokenmeter.queryapi.http.ApiRequest;
import dev.tokenmeter.queryapi.http.Endpoints;
import dev.tokenmeter.queryapi.problem.Problem;
import dev.tokenmeter.schemas.AlertRule;
import dev.tokenmeter.schemas.alert.AlertRules;
import dev.tokenmeter.schemas.alert.RuleKind;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** {@code /api/v1/alert-rules}. What belongs to another tenant than the token's does not exist for it. */
public final class RuleEndpoints {
    private static final Set<String> FIELDS = Set.of(
            "version",
            "tenant",
            "name",
            "kind",
            "enabled",
            "severity",
            "dimensions",
            "threshold",
            "percentile",
            "window_seconds",
            "min_requests");

    private final CompactedTopic<AlertRule> rules;
    private final Clock clock;

    /** Reads and writes the topic. */
    public RuleEndpoints(CompactedTopic<AlertRule> rules, Clock clock) {
        this.rules = rules;
        this.clock = clock;
    }

    /** Puts them on their paths. */
    public void register(Endpoints endpoints) {
        endpoints.get("/api/v1/alert-rules", Set.of("tenant"), this::list);
        endpoints.post("/api/v1/alert-rules", this::create);
        endpoints.get("/api/v1/alert-rules/:id", Set.of(), request -> ApiAnswer.data(json(visible(request))));
        endpoints.put("/api/v1/alert-rules/:id", this::replace);
        endpoints.delete("/api/v1/alert-rules/:id", this::delete);
    }

    private ApiAnswer list(ApiRequest request) {
        Optional<String> tenant = request.access().scope(request.parameters().text("tenant"));
        return ApiAnswer.data(rules.all().stream()
                .filter(rule -> tenant.isEmpty() || tenant.get().equals(rule.getTenant()))
                .map(RuleEndpoints::json)
                .toList());
    }

    private AlertRule visible(ApiRequest request) {
        return rules.get(request.id())
                .filter(rule -> request.access().sees(rule.getTenant()))
                .orElseThrow(() -> Problem.notFound("Alert rule " + request.id()));
    }

    private ApiAnswer create(ApiRequest request) {
        request.access().requireEditor();
        String id = "rul_"
                + Generators.timeBasedEpochGenerator().generate().toString().replace("-", "");
        AlertRule rule = rule(id, 1, new Body(request.body(), FIELDS), request.access());
        rules.put(id, rule);
        return ApiAnswer.created(json(rule));
    }

    private ApiAnswer replace(ApiRequest request) {
        request.access().requireEditor();
        String id = request.id();
        if (!id.matches("[A-Za-z0-9._-]{1,100}")) {
            throw Problem.badParameter("id", "found '" + id + "'", "1 to 100 letters, digits, '.', '_' and '-'");
        }
        Optional<AlertRule> present = rules.get(id);
        if (present.isPresent() && !request.access().sees(present.get().getTenant())) {
            throw Problem.notFound("Alert rule " + id);
        }
        Body body = new Body(request.body(), FIELDS);
        long version = present.map(AlertRule::getVersion).orElse(0L);
        body.number("version", 0, Long.MAX_VALUE)
                .filter(based -> based != version)
                .ifPresent(based -> {
                    throw Problem.badParameter(
                            "version", "found " + based, version + ", the version that is to be replaced");
                });
        AlertRule rule = rule(id, version + 1, body, request.access());
        if (present.isPresent() && !present.get().getTenant().equals(rule.getTenant())) {
            throw Problem.badParameter(
                    "tenant", "found '" + rule.getTenant() + "'", present.get().getTenant() + ", as it was made");
        }
        rules.put(id, rule);
        return present.isPresent() ? ApiAnswer.data(json(rule)) : ApiAnswer.created(json(rule));
    }

    private ApiAnswer delete(ApiRequest request) {
        request.access().requireEditor();
        rules.put(visible(request).getRuleId(), null);
        return ApiAnswer.nothing();
    }

    private AlertRule rule(String id, long version, Body body, Access access) {
        String kind = body.requiredText("kind");
        double threshold = body.decimal("threshold")
                .or(() -> RuleKind.of(kind).flatMap(RuleKind::usualThreshold))
                .orElseThrow(() -> Problem.badParameter("threshold", "not given", "a number"));
        AlertRule rule = AlertRule.newBuilder()
                .setRuleId(id)
                .setVersion(version)
                .setTenant(Owner.of(body, access))
                .setName(body.requiredText("name"))
                .setKind(kind)
                .setEnabled(body.flag("enabled", true))
                .setSeverity(body.text("severity").orElse("warning"))
                .setDimensions(body.texts("dimensions"))
                .setThreshold(threshold)
                .setPercentile(body.number("percentile", 1, 99).orElse(99L).intValue())
                .setWindowSeconds(
                        body.number("window_seconds", 60, 3600).orElse(600L).intValue())
                .setMinRequests(
                        body.number("min_requests", 1, 1_000_000).orElse(50L).intValue())
                .setUpdatedAt(clock.instant().truncatedTo(ChronoUnit.MICROS))
                .setUpdatedBy(access.name())
                .build();
        AlertRules.problem(rule).ifPresent(problem -> {
            throw Problem.badParameter(problem.field(), "found " + problem.found(), problem.allowed());
        });
        return rule;
    }

    private static Map<String, Object> json(AlertRule rule) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("rule_id", rule.getRuleId());
        json.put("version", rule.getVersion());
        json.put("tenant", rule.getTenant());
        json.put("name", rule.getName());
        json.put("kind", rule.getKind());
        json.put("enabled", rule.getEnabled());
        json.put("severity", rule.getSeverity());
        json.put("dimensions", rule.getDimensions());
        json.put("threshold", rule.getThreshold());
        json.put("percentile", rule.getPercentile());
        json.put("window_seconds", rule.getWindowSeconds());
        json.put("min_requests", rule.getMinRequests());
        json.put("updated_at", rule.getUpdatedAt());
        json.put("updated_by", rule.getUpdatedBy());
        return json;
    }
}
