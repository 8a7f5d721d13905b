package dev.tokenmeter.standalone.rebuild;

import dev.tokenmeter.aggregator.RebuildSettings;
import dev.tokenmeter.aggregator.RollupSums;
import dev.tokenmeter.aggregator.rebuild.Cut;
import dev.tokenmeter.aggregator.rebuild.RebuildLog;
import dev.tokenmeter.aggregator.rebuild.RebuildScope;
import dev.tokenmeter.schemas.UsageRollup;
import dev.tokenmeter.service.KafkaSettings;
import dev.tokenmeter.service.SettingException;
import dev.tokenmeter.service.Settings;
import dev.tokenmeter.storage.clickhouse.ClickHouse;
import dev.tokenmeter.storage.clickhouse.ClickHouseConfig;
import dev.tokenmeter.storage.query.LedgerCheck;
import dev.tokenmeter.storage.query.StoredEvents;
import dev.tokenmeter.storage.query.StoredRollups;
import dev.tokenmeter.storage.query.TimeRange;
import dev.tokenmeter.storage.sink.SinkConfig;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Runs a rebuild: unit by unit and tenant by tenant, so that it holds one tenant's day in memory; then it asks the ledger, and
 * does again what is not exact. It may be killed and run again at any time: each rollup is replaced whole. One thread; blocking.
 */
public final class Rebuild implements AutoCloseable {
    private static final int ROUNDS = 3;
    private static final Duration CATCH_UP = Duration.ofMinutes(10);
    private static final Duration LEDGER_PATIENCE = Duration.ofSeconds(30);
    private static final Duration LEDGER_POLL = Duration.ofSeconds(1);

    private final RebuildRequest asked;
    private final RebuildSettings aggregator;
    private final KafkaSettings kafka;
    private final ClickHouse clickHouse;
    private final StoredRollups told;
    private final RebuildLog log;
    private final EventSource source;
    private final Progress progress;
    private final Map<Instant, Cut> cutsOfDays = new HashMap<>();
    private long events;
    private long rollups;
    private long replaced;
    private long emptied;

    /** Is told how far it is. */
    public interface Progress {
        /** @param what the day or month that is being rebuilt */
        void at(String what, int done, int of, long events, long replaced);
    }

    /**
     * Connects.
     *
     * @throws SettingException for a group that the aggregator does not sum: nothing would be rebuilt
     */
    public Rebuild(RebuildRequest asked, Settings settings, Progress progress) {
        this.asked = asked;
        this.progress = progress;
        aggregator = RebuildSettings.from(settings);
        for (String group : asked.groups()) {
            if (!aggregator.groups().contains(group)) {
                throw new SettingException("--group", "found " + group, String.join(", ", aggregator.groups()));
            }
        }
        kafka = KafkaSettings.from(settings);
        clickHouse = new ClickHouse(
                ClickHouseConfig.from(settings), 2, Map.of("do_not_merge_across_partitions_select_final", "1"));
        told = new StoredRollups(clickHouse);
        log = new RebuildLog(kafka, aggregator.applicationId(), CATCH_UP);
        String sinkGroup = SinkConfig.from(settings).groupId();
        source = asked.fromLog()
                ? new LogSource(kafka, asked.range())
                : new StoredSource(new StoredEvents(clickHouse), told, log, sinkGroup, kafka);
    }

    /** Does it. */
    public RebuildResult run() throws InterruptedException {
        List<Unit> todo = Unit.of(asked.range(), aggregator.granularities());
        List<String> differences = new ArrayList<>();
        List<String> moving = new ArrayList<>();
        for (int round = 0; round < ROUNDS && !todo.isEmpty(); round++) {
            for (int i = 0; i < todo.size(); i++) {
                Unit unit = todo.get(i);
                progress.at(unit.range().from().toString(), i, todo.size(), events, replaced);
                rebuild(unit);
            }
            progress.at("the ledger", todo.size(), todo.size(), events, replaced);
            differences.clear();
            moving.clear();
            todo = asked.dryRun() ? List.of() : inexact(todo, differences, moving);
        }
        long letters =
                asked.dryRun() || !asked.groups().isEmpty() ? 0 : new LateLetters(kafka).putAway(asked, cutsOfDays);
        return new RebuildResult(events, rollups, replaced, emptied, letters, differences, moving);
    }

    private void rebuild(Unit unit) throws InterruptedException {
        for (int attempt = 1; ; attempt++) {
            try {
                rebuildOnce(unit);
                return;
            } catch (EventSource.MovedException e) {
                if (attempt == ROUNDS) {
                    throw new IllegalStateException(
                            "calls of " + unit.range().from() + " are being re-priced; run it again when that is done");
                }
            }
        }
    }

    private void rebuildOnce(Unit unit) throws InterruptedException, EventSource.MovedException {
        TimeRange range = unit.range();
        RebuildScope scope =
                RebuildScope.of(range.from(), range.until(), asked.tenant().orElse(""), Instant.now());
        Cut cut = asked.dryRun() ? log.end(scope) : log.cut(scope);
        if (!asked.dryRun()) {
            log.awaitCounted(cut);
        }
        source.await(cut);
        for (String tenant : tenants(range)) {
            rebuild(unit, tenant, cut);
        }
        if (!asked.dryRun()) {
            log.awaitReplaced();
            log.close(cut);
            if (unit.isDay()) {
                cutsOfDays.put(range.from(), cut);
            }
        }
    }

    private Set<String> tenants(TimeRange range) {
        if (asked.tenant().isPresent()) {
            return Set.of(asked.tenant().get());
        }
        Set<String> tenants = new TreeSet<>(told.tenants(range));
        tenants.addAll(source.tenants(range));
        return tenants;
    }

    private void rebuild(Unit unit, String tenant, Cut cut) throws EventSource.MovedException {
        TimeRange range = unit.range();
        RollupSums sums = aggregator.sums(asked.groups(), unit.granularities(), range.from(), range.until());
        source.read(range, tenant, cut, event -> {
            if (sums.add(event)) {
                events++;
            }
        });
        Map<String, UsageRollup> before = new HashMap<>();
        told.forEach(range, tenant, unit.granularityNames(), rollup -> {
            String key = sums.keyOf(rollup);
            if (key != null) {
                before.put(key, rollup);
            }
        });
        rollups += sums.size();
        sums.forEach((key, rollup) -> {
            UsageRollup was = before.remove(key);
            if (asked.force() || was == null || !RollupSums.isSame(was, rollup)) {
                rollup.put("revision", was == null ? 0L : was.getRevision());
                replaced++;
                replace(cut, key, rollup);
            }
        });
        before.forEach((key, was) -> {
            UsageRollup empty = RollupSums.emptied(was);
            if (!RollupSums.isSame(was, empty)) {
                emptied++;
                replace(cut, key, empty);
            }
        });
    }

    private void replace(Cut cut, String key, UsageRollup rollup) {
        if (!asked.dryRun()) {
            log.replace(cut, key, rollup);
        }
    }

    /** The units whose windows do not agree with their events; those of months cannot be asked for. */
    private List<Unit> inexact(List<Unit> units, List<String> differences, List<String> moving)
            throws InterruptedException {
        Set<String> groups = asked.groups().isEmpty() ? Set.copyOf(aggregator.groups()) : asked.groups();
        LedgerReport ledger = new LedgerReport(new LedgerCheck(clickHouse), asked.tenant(), groups);
        List<Unit> again = new ArrayList<>();
        long deadline = System.nanoTime() + LEDGER_PATIENCE.toNanos();
        for (Unit unit : units) {
            List<String> found = unit.isDay() ? ledger.differences(unit.range(), unit.granularityNames()) : List.of();
            while (!found.isEmpty() && System.nanoTime() < deadline) {
                Thread.sleep(LEDGER_POLL.toMillis());
                found = ledger.differences(unit.range(), unit.granularityNames());
            }
            if (!found.isEmpty() && unit.range().until().isAfter(Instant.now())) {
                moving.addAll(found);
            } else if (!found.isEmpty()) {
                differences.addAll(found);
                again.add(unit);
            }
        }
        return again;
    }

    @Override
    public void close() {
        source.close();
        log.close();
        clickHouse.close();
    }
}
