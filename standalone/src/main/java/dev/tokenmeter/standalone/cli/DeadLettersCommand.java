package dev.tokenmeter.standalone.cli;

import dev.tokenmeter.service.KafkaSettings;
import dev.tokenmeter.service.SettingException;
import dev.tokenmeter.service.deadletter.DeadLetterDesk;
import dev.tokenmeter.service.deadletter.DeadLetterLog;
import dev.tokenmeter.service.deadletter.Letter;
import dev.tokenmeter.service.deadletter.LetterFilter;
import dev.tokenmeter.service.deadletter.Resolution;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** What services refused: shown, sent again, put away. Each exits with 0, or 1 with what is wrong. */
@Command(
        name = "dead-letters",
        description = "Shows what services refused, and sends it again; docs/operations.md says what happens then.",
        mixinStandardHelpOptions = true,
        scope = CommandLine.ScopeType.INHERIT,
        synopsisSubcommandLabel = "COMMAND")
public final class DeadLettersCommand {
    private static final String LATE = "late";

    @Command(name = "list", description = "Lists refused records that are open, and counts them by reason.")
    int list(
            @Mixin Backends backends,
            @Mixin LetterSelection selection,
            @Option(names = "--all", description = "Also those that were sent again or put away.") boolean all,
            @Option(names = "--limit", defaultValue = "100", description = "Shows at most so many; default 100.")
                    int limit,
            @Option(names = "--json", description = "Print JSON.") boolean json) {
        LetterReport report = new LetterReport(limit);
        new DeadLetterLog(kafka(backends)).forEach(selection.filter(Set.of()), letter -> {
            if (all || letter.resolution() == null) {
                report.add(letter);
            }
        });
        System.out.println(json ? report.json() : report.table());
        return 0;
    }

    @Command(name = "show", description = "Shows all that is known of a refused record.")
    int show(
            @Mixin Backends backends,
            @Parameters(paramLabel = "NUMBER", description = "As list has it.") long number,
            @Option(names = "--json", description = "Print JSON, with the record's bytes.") boolean json) {
        Letter letter = only(new DeadLetterLog(kafka(backends)), number);
        System.out.println(json ? LetterReport.json(letter) : LetterReport.page(letter));
        return 0;
    }

    private static Letter only(DeadLetterLog log, long number) {
        Letter[] found = new Letter[1];
        log.forEach(new LetterFilter(Set.of(number), null, null, null, null, null), letter -> found[0] = letter);
        if (found[0] == null) {
            throw new SettingException("NUMBER", "found " + number, "a number of tokenmeter dead-letters list");
        }
        return found[0];
    }

    @Command(
            name = "replay",
            description = "Sends refused records again, each once: those of the numbers or options, or else all.")
    int replay(
            @Mixin Backends backends,
            @Mixin LetterSelection selection,
            @Parameters(paramLabel = "NUMBER", arity = "0..*", description = "As list has it.") Set<Long> numbers,
            @Option(names = "--accept-late", description = "Count late events as well, as far as nothing counts twice.")
                    boolean acceptLate,
            @Option(
                            names = "--max-attempts",
                            paramLabel = "N",
                            defaultValue = "5",
                            description = "Leave what came back so often already; default 5.")
                    int maxAttempts,
            @Option(names = "--dry-run", description = "Only show what would be sent.") boolean dryRun,
            @Option(names = "--json", description = "Print JSON.") boolean json) {
        LetterFilter filter = selection.filter(numbers == null ? Set.of() : numbers);
        Set<String> accept = acceptLate ? Set.of(LATE) : Set.of();
        return settle(backends, filter, dryRun, json, (desk, told) -> desk.replay(filter, accept, maxAttempts, told));
    }

    @Command(name = "discard", description = "Puts refused records away that nobody wants any more.")
    int discard(
            @Mixin Backends backends,
            @Mixin LetterSelection selection,
            @Parameters(paramLabel = "NUMBER", arity = "0..*", description = "As list has it.") Set<Long> numbers,
            @Option(names = "--all", description = "All that are open.") boolean all,
            @Option(names = "--dry-run", description = "Only show what would be put away.") boolean dryRun,
            @Option(names = "--json", description = "Print JSON.") boolean json) {
        if (!all && numbers == null && selection.isNone()) {
            throw new SettingException("NUMBER", "nothing given", "numbers, an option such as --reason, or --all");
        }
        LetterFilter filter = selection.filter(numbers == null ? Set.of() : numbers);
        return settle(backends, filter, dryRun, json, (desk, told) -> desk.putAway(filter, Resolution.DISCARDED, told));
    }

    private interface Work {
        Map<Resolution, Integer> with(DeadLetterDesk desk, BiConsumer<Letter, DeadLetterDesk.Outcome> told);
    }

    private static int settle(Backends backends, LetterFilter filter, boolean dryRun, boolean json, Work work) {
        KafkaSettings kafka = kafka(backends);
        Map<String, Integer> counts = new LinkedHashMap<>();
        if (dryRun) {
            new DeadLetterLog(kafka).forEach(filter, letter -> {
                if (letter.resolution() == null) {
                    System.err.println(LetterReport.line(letter));
                    counts.merge("would be settled", 1, Integer::sum);
                }
            });
        } else {
            try (DeadLetterDesk desk = new DeadLetterDesk(kafka)) {
                work.with(desk, (letter, outcome) -> {
                    String word = outcome.resolution() == null
                            ? "left"
                            : outcome.resolution().word();
                    counts.merge(word, 1, Integer::sum);
                    if (!outcome.note().isEmpty()) {
                        System.err.println(letter.number() + ": " + word + ", as " + outcome.note());
                    }
                });
            }
        }
        System.out.println(json ? LetterReport.json(counts) : LetterReport.counts(counts));
        return 0;
    }

    private static KafkaSettings kafka(Backends backends) {
        return KafkaSettings.from(backends.settings());
    }
}
