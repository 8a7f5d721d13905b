package dev.tokenmeter.queryapi.grafana;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tokenmeter.queryapi.http.ApiRequest;
import dev.tokenmeter.queryapi.problem.Problem;
import dev.tokenmeter.queryapi.usage.Asked;
import dev.tokenmeter.storage.query.Bucket;
import dev.tokenmeter.storage.query.Dimension;
import dev.tokenmeter.storage.query.Metric;
import dev.tokenmeter.storage.query.TimeRange;
import dev.tokenmeter.storage.query.UsageQueries;
import dev.tokenmeter.storage.query.UsageQuery;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** What Grafana's editors and variables offer to choose from: metrics, dimensions, and values that had calls in the range. */
final class Choices {
    private static final int MAX_VALUES = 1_000;

    private final UsageQueries usage;
    private final List<String> dimensions;

    Choices(UsageQueries usage, Set<String> known) {
        this.usage = usage;
        Set<String> names = new LinkedHashSet<>();
        Arrays.stream(Dimension.Field.values()).map(Dimension::dimensionName).forEach(names::add);
        known.stream()
                .sorted()
                .filter(name -> Dimension.named(name).isPresent())
                .forEach(names::add);
        this.dimensions = List.copyOf(names);
    }

    /** Names of metrics; or values, as older data sources ask for a variable's here as well. */
    List<Object> search(ApiRequest request, TimeRange range) {
        Optional<Dimension> dimension =
                GrafanaBody.text(request.body(), "target", "target").flatMap(Dimension::named);
        if (dimension.isPresent()) {
            return List.copyOf(values(dimension.get(), request, Optional.empty(), range));
        }
        List<Object> names = new ArrayList<>(Metric.allowed());
        names.addAll(JournalTables.NAMES);
        return names;
    }

    /** Metrics, each with what may be chosen beside it. */
    List<Object> metrics() {
        List<Object> payloads = List.of(
                payload("group_by", "Group by", "multi-select", dimensions),
                payload("tenant", "Tenant", "select", List.of()),
                payload("granularity", "Windows", "select", List.of("auto", "hour", "day", "month")),
                payload("format", "Format", "select", List.of("time_series", "table")));
        List<Object> all = new ArrayList<>();
        Metric.allowed().forEach(name -> all.add(option(name, payloads)));
        JournalTables.NAMES.forEach(name -> all.add(option(name, List.of(payloads.get(1)))));
        return all;
    }

    private static Map<String, Object> option(String name, List<Object> payloads) {
        Map<String, Object> option = new LinkedHashMap<>();
        option.put("label", name);
        option.put("value", name);
        option.put("payloads", payloads);
        return option;
    }

    private static Map<String, Object> payload(String name, String label, String type, List<String> options) {
        Map<String, Object> payload = new LinkedHashMap<>();
        payload.put("label", label);
        payload.put("name", name);
        payload.put("type", type);
        payload.put(
                "options",
                options.stream()
                        .map(option -> Map.of("label", option, "value", option))
                        .toList());
        return payload;
    }

    List<Object> payloadOptions(ApiRequest request, TimeRange range) {
        String name = GrafanaBody.text(request.body(), "name", "name").orElse("");
        if (!name.equals("tenant")) {
            throw Problem.badParameter("name", "found '" + name + "'", "tenant");
        }
        return List.copyOf(values(Dimension.Field.TENANT, request, Optional.empty(), range).stream()
                .map(value -> Map.of("label", value, "value", value))
                .toList());
    }

    /** Values of the dimension that the payload names, of one tenant if it names one. */
    List<Object> variable(ApiRequest request, TimeRange range) {
        JsonNode payload = request.body().path("payload");
        Dimension dimension = Asked.dimension(
                "payload.target",
                GrafanaBody.text(payload, "target", "payload.target").orElse(""));
        Optional<String> tenant = GrafanaBody.text(payload, "tenant", "payload.tenant");
        return List.copyOf(values(dimension, request, tenant, range).stream()
                .map(value -> Map.of("__text", Frames.shown(value), "__value", value))
                .toList());
    }

    List<Object> tagKeys() {
        return List.copyOf(dimensions.stream()
                .map(name -> Map.of("type", "string", "text", name))
                .toList());
    }

    List<Object> tagValues(ApiRequest request, TimeRange range) {
        Dimension dimension = Asked.dimension(
                "key", GrafanaBody.text(request.body(), "key", "key").orElse(""));
        return List.copyOf(values(dimension, request, Optional.empty(), range).stream()
                .map(value -> Map.of("text", value))
                .toList());
    }

    private List<String> values(Dimension dimension, ApiRequest request, Optional<String> tenant, TimeRange range) {
        Map<Dimension, String> filters = new LinkedHashMap<>();
        Target.scope(filters, tenant, request.access());
        UsageQuery query = new UsageQuery(
                range, List.of(Metric.REQUESTS), List.of(dimension), filters, Bucket.NONE, List.of(), MAX_VALUES);
        return usage.run(query).rows().stream()
                .map(row -> row.dimensions().get(0))
                .toList();
    }
}
