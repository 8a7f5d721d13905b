package dev.tokenmeter.queryapi;

import dev.tokenmeter.queryapi.access.ApiToken;
import dev.tokenmeter.queryapi.access.LoopbackGuard;
import dev.tokenmeter.queryapi.ingest.IngestConfig;
import dev.tokenmeter.schemas.budget.BudgetDimensions;
import dev.tokenmeter.service.BudgetSettings;
import dev.tokenmeter.service.SettingException;
import dev.tokenmeter.service.Settings;
import dev.tokenmeter.storage.clickhouse.ClickHouseConfig;
import dev.tokenmeter.storage.query.RollupCatalogue;
import dev.tokenmeter.storage.sink.SinkConfig;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Settings of the query API.
 *
 * @param host address to listen on
 * @param port 0 for any free one
 * @param workers queries that run at once
 * @param maxWaiting queries that wait for a worker; more are refused with 503
 * @param maxImportBytes of a provider's export that is imported at once
 * @param maxQueryTime ClickHouse gives a query up after this
 * @param rollupGroups dimensions of the aggregator's groups that are read, by name; none to answer from events always
 * @param correctableFor how old an event may be to be re-priced; at most the aggregator's setting of that name
 * @param sinkGroup consumer group of the storage service, by which is known what is stored
 * @param tokens that open the API; none leaves it open, to this machine only
 * @param budgetDimensions by which budgets may be limited
 * @param ingest of calls that no gateway saw
 * @param clickHouse where the store is
 */
public record QueryApiConfig(
        String host,
        int port,
        int workers,
        int maxWaiting,
        int maxImportBytes,
        Duration maxQueryTime,
        Map<String, List<String>> rollupGroups,
        Duration correctableFor,
        String sinkGroup,
        List<ApiToken> tokens,
        BudgetDimensions budgetDimensions,
        IngestConfig ingest,
        ClickHouseConfig clickHouse) {

    private static final String ROLLUP_GROUPS = "query-api.rollup-groups";

    /** Reads {@code query-api.*}, {@code budgets.*}, {@code storage.group-id} and {@code clickhouse.*}. */
    public static QueryApiConfig from(Settings settings) {
        String host = settings.string("query-api.host", "127.0.0.1");
        List<ApiToken> tokens = ApiToken.from(settings);
        if (tokens.isEmpty() && !LoopbackGuard.isLoopback(host)) {
            throw new SettingException(
                    "query-api.host",
                    "found " + host + ", which others can reach, but no query-api.tokens are set",
                    "127.0.0.1, or any address once a token is set");
        }
        return new QueryApiConfig(
                host,
                settings.port("query-api.port", 8090),
                settings.integer("query-api.workers", 8, 1, 1_000),
                settings.integer("query-api.max-waiting", 64, 1, 100_000),
                settings.integer("query-api.max-import-bytes", 16 << 20, 1 << 10, 256 << 20),
                settings.duration("query-api.max-query-time", Duration.ofSeconds(30)),
                rollupGroups(settings),
                settings.duration("query-api.correctable-for", Duration.ofDays(100)),
                SinkConfig.groupId(settings),
                tokens,
                BudgetSettings.dimensions(settings),
                IngestConfig.from(settings),
                ClickHouseConfig.from(settings));
    }

    private static Map<String, List<String>> rollupGroups(Settings settings) {
        if (!settings.bool("query-api.use-rollups", true)) {
            return Map.of();
        }
        Map<String, List<String>> groups = new TreeMap<>();
        for (String name : settings.names(ROLLUP_GROUPS)) {
            groups.put(name, settings.list(ROLLUP_GROUPS + "." + name));
        }
        List<String> detail = settings.list("query-api.rollup-dimensions");
        groups.putIfAbsent(RollupCatalogue.TENANT, List.of("tenant"));
        groups.putIfAbsent(RollupCatalogue.DETAIL, detail.isEmpty() ? RollupCatalogue.DEFAULT_DIMENSIONS : detail);
        groups.forEach((name, dimensions) -> {
            if (!dimensions.contains("tenant")) {
                throw new SettingException(
                        ROLLUP_GROUPS + "." + name, "found " + dimensions, "dimensions, tenant among them");
            }
        });
        return groups;
    }
}
