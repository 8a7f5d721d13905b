package dev.tokenmeter.standalone.cli;

import dev.tokenmeter.service.SettingException;
import dev.tokenmeter.standalone.rebuild.Rebuild;
import dev.tokenmeter.standalone.rebuild.RebuildRequest;
import dev.tokenmeter.standalone.rebuild.RebuildResult;
import dev.tokenmeter.storage.query.TimeRange;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Exits with 0 when the ledger is exact in the end, 1 when it is not or the rebuild failed. */
@Command(
        name = "rebuild",
        mixinStandardHelpOptions = true,
        description = "Sums rollups of past days anew, while calls are counted, and ends with the ledger check;"
                + " docs/operations.md says when that is of use.")
public final class RebuildCommand implements Callable<Integer> {
    enum Source {
        log,
        clickhouse
    }

    private static final int SHOWN = 20;

    @Mixin
    private Backends backends;

    @Option(
            names = "--from",
            required = true,
            converter = RepriceCommand.Time.class,
            paramLabel = "DAY",
            description = "First day, UTC.")
    private Instant from;

    @Option(
            names = "--until",
            converter = RepriceCommand.Time.class,
            paramLabel = "DAY",
            description = "Until its midnight, UTC; default tomorrow's.")
    private Instant until;

    @Option(names = "--tenant", paramLabel = "NAME", description = "Only this tenant's.")
    private String tenant;

    @Option(
            names = "--group",
            paramLabel = "NAME",
            description = "Only this group of stream-aggregator.dimension-groups; may be repeated.")
    private Set<String> groups;

    @Option(
            names = "--source",
            defaultValue = "clickhouse",
            description = "Where events are read from: clickhouse (default) or log.")
    private Source source;

    @Option(names = "--force", description = "Replace also what is told right: after the aggregator's state was lost.")
    private boolean force;

    @Option(names = "--dry-run", description = "Only tell what differs.")
    private boolean dryRun;

    @Option(names = "--json", description = "Print the result as JSON.")
    private boolean json;

    @Override
    public Integer call() throws InterruptedException {
        RebuildRequest asked = new RebuildRequest(
                range(),
                Optional.ofNullable(tenant),
                groups == null ? Set.of() : groups,
                source == Source.log,
                dryRun,
                force);
        try (Rebuild rebuild = new Rebuild(asked, backends.settings(), RebuildCommand::show)) {
            RebuildResult result = rebuild.run();
            System.err.println();
            System.out.println(json ? json(result) : text(result));
            return result.differences().isEmpty() ? 0 : 1;
        }
    }

    private TimeRange range() {
        Instant end = until == null ? Instant.now().truncatedTo(ChronoUnit.DAYS).plus(1, ChronoUnit.DAYS) : until;
        if (!from.isBefore(end)) {
            throw new SettingException("--until", "found " + end, "a day after --from, which is " + from);
        }
        TimeRange range = new TimeRange(from, end);
        if (!range.isAlignedTo(Duration.ofDays(1))) {
            throw new SettingException("--from and --until", "found " + from + " and " + end, "whole days, UTC");
        }
        return range;
    }

    private static void show(String what, int done, int of, long events, long replaced) {
        System.err.printf("\r%s (%d of %d), %,d calls read, %,d rollups replaced  ", what, done, of, events, replaced);
    }

    private String text(RebuildResult result) {
        StringBuilder text = new StringBuilder();
        text.append(String.format(
                "%,d calls make %,d rollups; %,d %s, %,d without calls %s.%n",
                result.events(),
                result.rollups(),
                result.replaced(),
                dryRun ? "differ" : "were replaced",
                result.emptied(),
                dryRun ? "would be emptied" : "were emptied"));
        if (result.lateLetters() > 0) {
            text.append(String.format(
                    "%,d refused late events are counted now; their letters are put away.%n", result.lateLetters()));
        }
        if (dryRun) {
            return text.append("Nothing was changed (--dry-run).").toString();
        }
        lines(text, "Not exact:", result.differences());
        lines(text, "Not compared to the end, as calls still come in:", result.moving());
        return text.append(
                        result.differences().isEmpty()
                                ? "The ledger is exact: rollups are the sum of events, to the last digit."
                                : "The ledger is NOT exact.")
                .toString();
    }

    private static void lines(StringBuilder text, String title, List<String> lines) {
        if (lines.isEmpty()) {
            return;
        }
        text.append(title).append(System.lineSeparator());
        lines.stream()
                .limit(SHOWN)
                .forEach(line -> text.append("  ").append(line).append(System.lineSeparator()));
        if (lines.size() > SHOWN) {
            text.append(String.format("  and %,d more (--json)%n", lines.size() - SHOWN));
        }
    }

    private static String json(RebuildResult result) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("events", result.events());
        json.put("rollups", result.rollups());
        json.put("replaced", result.replaced());
        json.put("emptied", result.emptied());
        json.put("late_letters", result.lateLetters());
        json.put("exact", result.differences().isEmpty());
        json.put("differences", result.differences());
        json.put("moving", result.moving());
        return LetterReport.json(json);
    }
}
