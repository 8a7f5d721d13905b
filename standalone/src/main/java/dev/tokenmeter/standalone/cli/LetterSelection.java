package dev.tokenmeter.standalone.cli;

import dev.tokenmeter.service.deadletter.LetterFilter;
import java.time.Instant;
import java.util.Set;
import picocli.CommandLine.Option;

/** Which letters, as options of a command. */
final class LetterSelection {
    @Option(
            names = "--reason",
            paramLabel = "WORD",
            description = "Only those refused so: poison, invalid, late, refused, expired.")
    private String reason;

    @Option(names = "--topic", paramLabel = "NAME", description = "Only records of this topic.")
    private String topic;

    @Option(names = "--service", paramLabel = "NAME", description = "Only what this service refused.")
    private String service;

    @Option(
            names = "--from",
            paramLabel = "TIME",
            converter = RepriceCommand.Time.class,
            description = "Only those refused then or later.")
    private Instant from;

    @Option(
            names = "--until",
            paramLabel = "TIME",
            converter = RepriceCommand.Time.class,
            description = "Only those refused before.")
    private Instant until;

    /** Whether anything is asked for. */
    boolean isNone() {
        return filter(Set.of()).equals(LetterFilter.ALL);
    }

    LetterFilter filter(Set<Long> numbers) {
        return new LetterFilter(numbers, reason, topic, service, from, until);
    }
}
