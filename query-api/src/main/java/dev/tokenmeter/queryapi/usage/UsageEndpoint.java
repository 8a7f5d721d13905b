package dev.tokenmeter.queryapi.usage;

import dev.tokenmeter.queryapi.http.ApiAnswer;
import dev.tokenmeter.queryapi.http.ApiRequest;
import dev.tokenmeter.queryapi.http.Endpoint;
import dev.tokenmeter.queryapi.http.Endpoints;
import dev.tokenmeter.queryapi.http.Parameters;
import dev.tokenmeter.queryapi.problem.Problem;
import dev.tokenmeter.storage.query.Bucket;
import dev.tokenmeter.storage.query.Dimension;
import dev.tokenmeter.storage.query.Metric;
import dev.tokenmeter.storage.query.Order;
import dev.tokenmeter.storage.query.UsageQueries;
import dev.tokenmeter.storage.query.UsageQuery;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** {@code /api/v1/usage}: any figures by any dimensions. */
public final class UsageEndpoint implements Endpoint {
    private static final Set<String> PARAMETERS =
            Set.of("from", "to", "metrics", "group_by", "granularity", "order", "limit", "tenant", "filter.*");
    private static final int DEFAULT_LIMIT = 1_000;

    private final UsageQueries queries;
    private final Clock clock;

    public UsageEndpoint(UsageQueries queries, Clock clock) {
        this.queries = queries;
        this.clock = clock;
    }

    /** Puts it on its path. */
    public void register(Endpoints endpoints) {
        endpoints.get("/api/v1/usage", PARAMETERS, this);
    }

    @Override
    public ApiAnswer answer(ApiRequest request) {
        return UsageJson.answer(queries.run(query(request)));
    }

    private UsageQuery query(ApiRequest request) {
        Parameters parameters = request.parameters();
        List<Metric> metrics = metrics(parameters);
        List<Dimension> groupBy = Asked.groupBy(parameters);
        Bucket bucket = Asked.bucket(parameters, Bucket.NONE, Asked.allBuckets());
        return new UsageQuery(
                Asked.range(parameters, clock.instant()),
                metrics,
                groupBy,
                Asked.filters(request),
                bucket,
                order(parameters, metrics, groupBy, bucket),
                parameters.integer("limit", DEFAULT_LIMIT, 1, UsageQuery.MAX_ROWS));
    }

    private static List<Metric> metrics(Parameters parameters) {
        return parameters.list("metrics", List.of("cost_usd", "requests")).stream()
                .distinct()
                .map(name -> Metric.named(name)
                        .orElseThrow(() -> Problem.badParameter(
                                "metrics", "no metric '" + name + "'", String.join(", ", Metric.allowed()))))
                .toList();
    }

    private static List<Order> order(
            Parameters parameters, List<Metric> metrics, List<Dimension> groupBy, Bucket bucket) {
        return parameters.list("order", List.of()).stream()
                .map(key -> {
                    boolean descending = key.startsWith("-");
                    String name = descending ? key.substring(1) : key;
                    return new Order(orderBy(name, metrics, groupBy, bucket), descending);
                })
                .toList();
    }

    private static Order.By orderBy(String name, List<Metric> metrics, List<Dimension> groupBy, Bucket bucket) {
        if (name.equals("window_start") && bucket != Bucket.NONE) {
            return new Order.ByWindow();
        }
        Optional<Order.By> metric = metrics.stream()
                .filter(one -> one.name().equals(name))
                .<Order.By>map(Order.ByMetric::new)
                .findFirst();
        return metric.or(() -> groupBy.stream()
                        .filter(one -> one.dimensionName().equals(name))
                        .<Order.By>map(Order.ByDimension::new)
                        .findFirst())
                .orElseThrow(() -> Problem.badParameter(
                        "order",
                        "found '" + name + "'",
                        "metrics and dimensions of this query, and window_start; with - before it for descending"));
    }
}
