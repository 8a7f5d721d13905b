package dev.tokenmeter.queryapi.reprice;

import dev.tokenmeter.queryapi.control.Body;
import dev.tokenmeter.queryapi.http.ApiAnswer;
import dev.tokenmeter.queryapi.http.ApiRequest;
import dev.tokenmeter.queryapi.http.Endpoints;
import dev.tokenmeter.queryapi.problem.Problem;
import dev.tokenmeter.storage.query.Dimension;
import dev.tokenmeter.storage.query.EventFilter;
import dev.tokenmeter.storage.query.TimeRange;
import java.math.BigDecimal;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** {@code /api/v1/reprice}: past events priced again by the prices known now. */
public final class RepriceEndpoints {
    private static final Set<String> FIELDS =
            Set.of("from", "until", "tenant", "provider", "model", "unpriced_only", "dry_run", "reason");

    private final RepriceJobs jobs;
    private final Duration correctableFor;
    private final Clock clock;

    /** @param correctableFor how far back events may be corrected */
    public RepriceEndpoints(RepriceJobs jobs, Duration correctableFor, Clock clock) {
        this.jobs = jobs;
        this.correctableFor = correctableFor;
        this.clock = clock;
    }

    /** Puts them on their paths. */
    public void register(Endpoints endpoints) {
        endpoints.post("/api/v1/reprice", this::start);
        endpoints.get("/api/v1/reprice", Set.of(), this::list);
        endpoints.get("/api/v1/reprice/:id", Set.of(), request -> ApiAnswer.data(json(visible(request))));
    }

    private ApiAnswer start(ApiRequest request) {
        request.access().requireAdmin();
        Body body = new Body(request.body(), FIELDS);
        Instant from = body.time("from").orElseThrow(() -> Problem.badParameter("from", "not given", "a time"));
        Instant until = body.time("until").orElseGet(clock::instant);
        if (!from.isBefore(until)) {
            throw Problem.badParameter("until", "found " + until, "a time after from (" + from + ")");
        }
        Instant oldest = clock.instant().minus(correctableFor);
        if (from.isBefore(oldest)) {
            throw Problem.badParameter(
                    "from", "found " + from, "a time after " + oldest + " (query-api.correctable-for)");
        }
        Map<Dimension, String> wanted = new LinkedHashMap<>();
        Optional<String> tenant = request.access().scope(body.text("tenant"));
        tenant.ifPresent(name -> wanted.put(Dimension.Field.TENANT, name));
        body.text("provider").ifPresent(name -> wanted.put(Dimension.Field.PROVIDER, name));
        body.text("model").ifPresent(name -> wanted.put(Dimension.Field.MODEL, name));
        boolean dryRun = body.flag("dry_run", false);
        String reason = dryRun ? body.text("reason").orElse("") : body.requiredText("reason");
        EventFilter events = new EventFilter(new TimeRange(from, until), wanted, body.flag("unpriced_only", false));
        RepriceJob job = jobs.start(
                        new Repricing(events, dryRun, request.access().name(), reason))
                .job();
        return ApiAnswer.accepted(json(job));
    }

    private ApiAnswer list(ApiRequest request) {
        return ApiAnswer.data(jobs.all().stream()
                .filter(job -> isVisible(job, request))
                .map(RepriceEndpoints::json)
                .toList());
    }

    private RepriceJob visible(ApiRequest request) {
        return jobs.get(request.id())
                .filter(job -> isVisible(job, request))
                .orElseThrow(() -> Problem.notFound("Re-pricing " + request.id()));
    }

    /** One over all tenants is for those who see all. */
    private static boolean isVisible(RepriceJob job, ApiRequest request) {
        String tenant = job.asked().events().values().get(Dimension.Field.TENANT);
        return request.access().tenant().isEmpty()
                || request.access().tenant().get().equals(tenant);
    }

    private static Map<String, Object> json(RepriceJob job) {
        RepriceJob.Progress progress = job.progress();
        EventFilter events = job.asked().events();
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("reprice_id", job.id());
        json.put("state", progress.state().name().toLowerCase(java.util.Locale.ROOT));
        json.put("dry_run", job.asked().dryRun());
        json.put("from", events.range().from());
        json.put("until", events.range().until());
        Map<String, String> filters = new LinkedHashMap<>();
        events.values().forEach((dimension, value) -> filters.put(dimension.dimensionName(), value));
        json.put("filters", filters);
        json.put("unpriced_only", events.unpricedOnly());
        json.put("requested_by", job.asked().by());
        json.put("requested_at", job.askedAt());
        json.put("reason", job.asked().reason());
        json.put("events_total", progress.total());
        json.put("events_done", progress.done());
        json.put("kept_without_price", progress.keptWithoutPrice());
        json.put("failure", progress.failure());
        addTotals(json, progress.sum());
        json.put("models", models(progress));
        return json;
    }

    private static List<Map<String, Object>> models(RepriceJob.Progress progress) {
        List<Map<String, Object>> models = new ArrayList<>();
        progress.byModel().forEach((model, totals) -> {
            Map<String, Object> json = new LinkedHashMap<>();
            json.put("provider", model.provider());
            json.put("model", model.name());
            json.put("events", totals.events());
            addTotals(json, totals);
            models.add(json);
        });
        return models;
    }

    private static void addTotals(Map<String, Object> json, ModelTotals totals) {
        BigDecimal difference = totals.after().subtract(totals.before());
        json.put("changed", totals.changed());
        json.put("newly_priced", totals.newlyPriced());
        json.put("cost_usd_before", totals.knownBefore());
        json.put("cost_usd_after", totals.after());
        json.put("difference_usd", difference);
    }
}
