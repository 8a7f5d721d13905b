package dev.tokenmeter.queryapi.usage;

import dev.tokenmeter.queryapi.http.ApiAnswer;
import dev.tokenmeter.queryapi.http.ApiRequest;
import dev.tokenmeter.queryapi.http.Endpoints;
import dev.tokenmeter.queryapi.problem.Problem;
import dev.tokenmeter.storage.query.Bucket;
import dev.tokenmeter.storage.query.Dimension;
import dev.tokenmeter.storage.query.TimeRange;
import dev.tokenmeter.storage.query.Views;
import java.math.BigDecimal;
import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** {@code /api/v1/views/…} over usage: one named answer for each question that people come with. */
public final class ViewEndpoints {
    private static final List<Bucket> WINDOWS = List.of(Bucket.HOUR, Bucket.DAY);
    private static final int DEFAULT_DAYS = 30;
    private static final int MAX_DAYS = 400;

    private final Views views;
    private final Clock clock;

    public ViewEndpoints(Views views, Clock clock) {
        this.views = views;
        this.clock = clock;
    }

    /** Puts them on their paths. */
    public void register(Endpoints endpoints) {
        endpoints.get("/api/v1/views/month-spend", Asked.FILTERS, this::monthSpend);
        endpoints.get("/api/v1/views/daily-trend", Set.of("days", "tenant", "filter.*"), this::dailyTrend);
        endpoints.get("/api/v1/views/by-model", Asked.RANGE_AND_FILTERS, this::byModel);
        endpoints.get("/api/v1/views/by-tag", Set.of("tag", "from", "to", "tenant", "filter.*"), this::byTag);
        endpoints.get("/api/v1/views/cost-per-request", Asked.WINDOWS_AND_FILTERS, this::costPerRequest);
        endpoints.get("/api/v1/views/token-breakdown", Asked.WINDOWS_AND_FILTERS, this::tokenBreakdown);
        endpoints.get("/api/v1/tenants", Set.of(), this::tenants);
    }

    private ApiAnswer monthSpend(ApiRequest request) {
        Views.MonthSpend spend = views.monthSpend(Asked.filters(request));
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("month", spend.month());
        json.put("cost_usd", spend.cost());
        json.put("requests", spend.requests());
        json.put("unpriced_requests", spend.unpricedRequests());
        json.put("unpriced_tokens", spend.unpricedTokens());
        json.put("previous_month_cost_usd", spend.previousMonth());
        json.put("previous_month_same_time_cost_usd", spend.previousMonthSameTime());
        json.put("as_of", spend.asOf());
        return ApiAnswer.data(json);
    }

    private ApiAnswer dailyTrend(ApiRequest request) {
        int days = request.parameters().integer("days", DEFAULT_DAYS, 1, MAX_DAYS);
        return ApiAnswer.data(views.dailyTrend(days, Asked.filters(request)).stream()
                .map(ViewEndpoints::day)
                .toList());
    }

    private static Map<String, Object> day(Views.Day day) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("day", day.day());
        traffic(json, day.cost(), day.requests(), day.inputTokens(), day.outputTokens(), day.unpricedRequests());
        json.put("average_cost_usd", day.averageCost());
        return json;
    }

    private ApiAnswer byModel(ApiRequest request) {
        return shares(request, List.of("provider", "model"), List.of(Dimension.Field.PROVIDER, Dimension.Field.MODEL));
    }

    private ApiAnswer byTag(ApiRequest request) {
        String tag = request.parameters()
                .text("tag")
                .orElseThrow(() -> Problem.badParameter("tag", "not given", "a tag's name, such as team"));
        return shares(request, List.of("value"), List.of(new Dimension.Tag(tag)));
    }

    private ApiAnswer tenants(ApiRequest request) {
        return shares(request, List.of("tenant"), List.of(Dimension.Field.TENANT));
    }

    private ApiAnswer shares(ApiRequest request, List<String> names, List<Dimension> dimensions) {
        TimeRange range = range(request);
        return ApiAnswer.data(
                views.shares(range, dimensions, Asked.filters(request)).stream()
                        .map(share -> share(names, share))
                        .toList(),
                meta(range));
    }

    private static Map<String, Object> share(List<String> names, Views.Share share) {
        Map<String, Object> json = new LinkedHashMap<>();
        for (int i = 0; i < names.size(); i++) {
            json.put(names.get(i), share.values().get(i));
        }
        traffic(
                json,
                share.cost(),
                share.requests(),
                share.inputTokens(),
                share.outputTokens(),
                share.unpricedRequests());
        json.put(
                "share_percent",
                share.percent() == null ? null : share.percent().doubleValue());
        return json;
    }

    private static void traffic(
            Map<String, Object> json, BigDecimal cost, long requests, long input, long output, long unpriced) {
        json.put("cost_usd", cost);
        json.put("requests", requests);
        json.put("input_tokens", input);
        json.put("output_tokens", output);
        json.put("unpriced_requests", unpriced);
    }

    private ApiAnswer costPerRequest(ApiRequest request) {
        Bucket windows = Asked.bucket(request.parameters(), Bucket.DAY, WINDOWS);
        return UsageJson.answer(views.costPerRequest(range(request), windows, Asked.filters(request)));
    }

    private ApiAnswer tokenBreakdown(ApiRequest request) {
        Bucket windows = Asked.bucket(request.parameters(), Bucket.DAY, WINDOWS);
        Views.TokenBreakdown tokens = views.tokenBreakdown(range(request), windows, Asked.filters(request));
        List<Map<String, Object>> totals =
                tokens.totals().stream().map(ViewEndpoints::kind).toList();
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("totals", totals);
        json.put("series", UsageJson.rows(tokens.series()));
        return ApiAnswer.data(json, UsageJson.meta(tokens.series()));
    }

    private static Map<String, Object> kind(Views.KindTotal total) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("kind", total.kind());
        json.put("tokens", total.tokens());
        json.put("cost_usd", total.cost());
        return json;
    }

    private TimeRange range(ApiRequest request) {
        return Asked.range(request.parameters(), clock.instant());
    }

    private static Map<String, Object> meta(TimeRange range) {
        Map<String, Object> meta = new LinkedHashMap<>();
        meta.put("from", range.from());
        meta.put("to", range.until());
        return meta;
    }
}
