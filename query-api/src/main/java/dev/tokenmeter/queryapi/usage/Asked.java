package dev.tokenmeter.queryapi.usage;

import dev.tokenmeter.queryapi.http.ApiRequest;
import dev.tokenmeter.queryapi.http.Parameters;
import dev.tokenmeter.queryapi.problem.Problem;
import dev.tokenmeter.storage.query.Bucket;
import dev.tokenmeter.storage.query.Dimension;
import dev.tokenmeter.storage.query.TimeRange;
import java.time.Instant;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** What the reading endpoints' parameters mean; the one place that limits a question to the asker's tenant. */
public final class Asked {
    static final Set<String> FILTERS = Set.of("tenant", "filter.*");
    static final Set<String> RANGE_AND_FILTERS = Set.of("from", "to", "tenant", "filter.*");
    static final Set<String> WINDOWS_AND_FILTERS = Set.of("from", "to", "granularity", "tenant", "filter.*");

    /** Stands for every tenant that the token sees. */
    public static final String ALL_TENANTS = "*";

    private static final int MAX_DIMENSIONS = 8;

    private Asked() {}

    /** The range asked for; this month so far where none is. */
    public static TimeRange range(Parameters parameters, Instant now) {
        Instant until = parameters.time("to", now);
        Instant from = parameters.time("from", TimeRange.monthOf(until.equals(now) ? now : until.minusNanos(1)));
        if (until.isBefore(from)) {
            throw Problem.badParameter("to", "found " + until, "a time not before from (" + from + ")");
        }
        return new TimeRange(from, until);
    }

    /** All filters, the tenant among them. */
    public static Map<Dimension, String> filters(ApiRequest request) {
        Map<Dimension, String> filters = new LinkedHashMap<>();
        request.parameters()
                .startingWith("filter.")
                .forEach((name, value) -> filters.put(dimension("filter." + name, name), value));
        Optional<String> asked = named(request);
        String filtered = filters.get(Dimension.Field.TENANT);
        if (asked.isPresent() && filtered != null && !filtered.equals(asked.get())) {
            throw Problem.badParameter("filter.tenant", "differs from tenant", "one of the two");
        }
        request.access()
                .scope(asked.or(() -> Optional.ofNullable(filtered)))
                .ifPresent(tenant -> filters.put(Dimension.Field.TENANT, tenant));
        return filters;
    }

    /** The tenant to limit an answer to. */
    static Optional<String> tenant(ApiRequest request) {
        return request.access().scope(named(request));
    }

    /** {@value #ALL_TENANTS} asks for all that the token sees: tools such as Grafana cannot leave the parameter out. */
    private static Optional<String> named(ApiRequest request) {
        return request.parameters().text("tenant").filter(name -> !name.equals(ALL_TENANTS));
    }

    /** @param parameter for the error */
    public static Dimension dimension(String parameter, String name) {
        return Dimension.named(name)
                .orElseThrow(() -> Problem.badParameter(
                        parameter, "no dimension '" + name + "'", String.join(", ", Dimension.allowed())));
    }

    /** Dimensions to group by. */
    public static List<Dimension> groupBy(Parameters parameters) {
        List<Dimension> dimensions = parameters.list("group_by", List.of()).stream()
                .distinct()
                .map(name -> dimension("group_by", name))
                .toList();
        if (dimensions.size() > MAX_DIMENSIONS) {
            throw Problem.badParameter(
                    "group_by", "found " + dimensions.size(), "up to " + MAX_DIMENSIONS + " dimensions");
        }
        return dimensions;
    }

    /** The windows asked for. */
    public static Bucket bucket(Parameters parameters, Bucket byDefault, List<Bucket> allowed) {
        List<String> names = allowed.stream()
                .map(bucket -> bucket.name().toLowerCase(Locale.ROOT))
                .toList();
        return parameters
                .text("granularity")
                .map(value -> {
                    int index = names.indexOf(value);
                    if (index < 0) {
                        throw Problem.badParameter("granularity", "found '" + value + "'", String.join(", ", names));
                    }
                    return allowed.get(index);
                })
                .orElse(byDefault);
    }

    /** Every length of windows, and none. */
    public static List<Bucket> allBuckets() {
        return Arrays.asList(Bucket.values());
    }
}
