package dev.tokenmeter.service.deadletter;

import java.time.Instant;
import java.util.Set;

/**
 * Which letters.
 *
 * @param numbers only these; empty for all
 * @param reason null for all
 * @param topic of the refused record; null for all
 * @param service that refused it; null for all
 * @param from refused then or later; null for all
 * @param until refused before; null for all
 */
public record LetterFilter(
        Set<Long> numbers, String reason, String topic, String service, Instant from, Instant until) {
    /** All letters. */
    public static final LetterFilter ALL = new LetterFilter(Set.of(), null, null, null, null, null);

    public LetterFilter {
        numbers = Set.copyOf(numbers);
    }

    boolean matches(Letter letter) {
        return (numbers.isEmpty() || numbers.contains(letter.number()))
                && (reason == null || reason.equals(letter.reason()))
                && (topic == null || topic.equals(letter.source().topic()))
                && (service == null || service.equals(letter.service()))
                && (from == null || !letter.at().isBefore(from))
                && (until == null || letter.at().isBefore(until));
    }
}
