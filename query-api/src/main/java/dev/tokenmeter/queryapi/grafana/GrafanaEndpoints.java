package dev.tokenmeter.queryapi.grafana;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tokenmeter.queryapi.http.ApiAnswer;
import dev.tokenmeter.queryapi.http.ApiRequest;
import dev.tokenmeter.queryapi.http.Endpoints;
import dev.tokenmeter.queryapi.problem.Problem;
import dev.tokenmeter.queryapi.usage.Asked;
import dev.tokenmeter.storage.query.Dimension;
import dev.tokenmeter.storage.query.Journal;
import dev.tokenmeter.storage.query.TimeRange;
import dev.tokenmeter.storage.query.UsageAnswer;
import dev.tokenmeter.storage.query.UsageQueries;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The paths below the URL that a JSON data source is given. */
public final class GrafanaEndpoints {
    /** That URL's path. */
    public static final String BASE = "/api/v1/grafana";

    private static final int MAX_TARGETS = 20;

    private final UsageQueries usage;
    private final JournalTables journal;
    private final Choices choices;
    private final Clock clock;

    /** @param known dimensions to offer for filters, beside the fields of events */
    public GrafanaEndpoints(UsageQueries usage, Journal journal, Set<String> known, Clock clock) {
        this.usage = usage;
        this.journal = new JournalTables(journal);
        this.choices = new Choices(usage, known);
        this.clock = clock;
    }

    /** Puts them on their paths. */
    public void register(Endpoints endpoints) {
        endpoints.get(BASE, Set.of(), request -> new ApiAnswer(200, Map.of("status", "ok")));
        endpoints.post(BASE + "/search", request -> plain(choices.search(request, range(request))));
        endpoints.post(BASE + "/metrics", request -> plain(choices.metrics()));
        endpoints.post(
                BASE + "/metric-payload-options", request -> plain(choices.payloadOptions(request, range(request))));
        endpoints.post(BASE + "/variable", request -> plain(choices.variable(request, range(request))));
        endpoints.post(BASE + "/tag-keys", request -> plain(choices.tagKeys()));
        endpoints.post(BASE + "/tag-values", request -> plain(choices.tagValues(request, range(request))));
        endpoints.post(BASE + "/query", request -> plain(query(request)));
        endpoints.post(BASE + "/annotations", request -> plain(annotations(request)));
    }

    private static ApiAnswer plain(List<?> all) {
        return new ApiAnswer(200, all);
    }

    private TimeRange range(ApiRequest request) {
        return GrafanaBody.range(request.body(), clock.instant());
    }

    private List<Object> query(ApiRequest request) {
        JsonNode targets = request.body().path("targets");
        if (targets.size() > MAX_TARGETS) {
            throw Problem.badParameter("targets", "found " + targets.size(), "up to " + MAX_TARGETS);
        }
        TimeRange range = range(request);
        Map<Dimension, String> adHoc = adHoc(request.body().path("adhocFilters"));
        List<Object> answers = new ArrayList<>();
        for (int i = 0; i < targets.size(); i++) {
            String at = "targets[" + i + "]";
            Target target = Target.of(targets.get(i), at, adHoc, request.access());
            if (JournalTables.NAMES.contains(target.name())) {
                Instant now = clock.instant();
                answers.add(journal.table(target.name(), target.tenant(), range, now));
            } else {
                answers.addAll(figures(target, range, at));
            }
        }
        return answers;
    }

    private List<Object> figures(Target target, TimeRange range, String at) {
        UsageAnswer answer = usage.run(target.usage(range, at));
        if (target.table()) {
            return List.of(Frames.table(answer));
        }
        if (answer.truncated()) {
            throw Problem.badParameter(
                    at,
                    "more than " + answer.query().limit() + " points",
                    "a shorter range, longer windows or fewer groups");
        }
        return Frames.series(answer);
    }

    private static Map<Dimension, String> adHoc(JsonNode filters) {
        Map<Dimension, String> values = new LinkedHashMap<>();
        for (int i = 0; i < filters.size(); i++) {
            JsonNode filter = filters.get(i);
            String at = "adhocFilters[" + i + "]";
            String operator =
                    GrafanaBody.text(filter, "operator", at + ".operator").orElse("=");
            if (!operator.equals("=")) {
                throw Problem.badParameter(at + ".operator", "found '" + operator + "'", "=");
            }
            String key = GrafanaBody.text(filter, "key", at + ".key").orElse("");
            values.put(Asked.dimension(at + ".key", key), filter.path("value").asText());
        }
        return values;
    }

    /** As {@code grafana-simple-json-datasource} asks; newer ones ask {@code /query} for the same. */
    private List<Object> annotations(ApiRequest request) {
        JsonNode annotation = request.body().path("annotation");
        Optional<String> asked = GrafanaBody.text(annotation, "query", "annotation.query");
        List<String> names = asked.map(List::of).orElse(List.of(JournalTables.ANOMALIES, JournalTables.BUDGET_ALERTS));
        Optional<String> tenant = request.access().scope(Optional.empty());
        List<Object> marks = new ArrayList<>();
        for (String name : names) {
            if (!JournalTables.NAMES.contains(name) || name.equals(JournalTables.BUDGETS)) {
                throw Problem.badParameter(
                        "annotation.query", "found '" + name + "'", "anomalies, alerts, budget_alerts");
            }
            for (JournalTables.Mark mark : journal.marks(name, tenant, range(request))) {
                Map<String, Object> json = new LinkedHashMap<>();
                json.put("annotation", annotation.isMissingNode() ? null : annotation);
                json.put("time", mark.from().toEpochMilli());
                json.put("timeEnd", mark.until().toEpochMilli());
                json.put("title", mark.title());
                json.put("text", mark.text());
                json.put("tags", mark.tags());
                marks.add(json);
            }
        }
        return marks;
    }
}
