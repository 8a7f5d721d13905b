package dev.tokenmeter.standalone.rebuild;

import dev.tokenmeter.aggregator.rebuild.Cut;
import dev.tokenmeter.schemas.Topics;
import dev.tokenmeter.schemas.UsageEvent;
import dev.tokenmeter.service.KafkaSettings;
import dev.tokenmeter.service.deadletter.DeadLetterDesk;
import dev.tokenmeter.service.deadletter.DeadLetterLog;
import dev.tokenmeter.service.deadletter.Letter;
import dev.tokenmeter.service.deadletter.LetterFilter;
import dev.tokenmeter.service.deadletter.Resolution;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Deserializer;

/**
 * Puts away the letters about late events that a rebuild has counted: sent again, they would count twice. Reads the letters
 * once for each ten thousand. Blocking.
 */
final class LateLetters {
    private static final LetterFilter LATE =
            new LetterFilter(Set.of(), "late", Topics.USAGE.topicName(), "stream-aggregator", null, null);
    private static final int AT_ONCE = 10_000;

    private final KafkaSettings kafka;

    LateLetters(KafkaSettings kafka) {
        this.kafka = kafka;
    }

    /** @param cuts by the day that was rebuilt, its start */
    long putAway(RebuildRequest asked, Map<Instant, Cut> cuts) {
        long all = 0;
        while (true) {
            Set<Long> counted = counted(asked, cuts);
            if (counted.isEmpty()) {
                return all;
            }
            LetterFilter these = new LetterFilter(counted, null, null, null, null, null);
            try (DeadLetterDesk desk = new DeadLetterDesk(kafka)) {
                desk.putAway(these, Resolution.REBUILT, (letter, outcome) -> {});
            }
            all += counted.size();
        }
    }

    private Set<Long> counted(RebuildRequest asked, Map<Instant, Cut> cuts) {
        Set<Long> counted = new HashSet<>();
        try (Deserializer<UsageEvent> values = kafka.valueDeserializer()) {
            new DeadLetterLog(kafka).forEach(LATE, letter -> {
                if (letter.resolution() == null && counted.size() < AT_ONCE && isCounted(letter, values, asked, cuts)) {
                    counted.add(letter.number());
                }
            });
        }
        return counted;
    }

    private static boolean isCounted(
            Letter letter, Deserializer<UsageEvent> values, RebuildRequest asked, Map<Instant, Cut> cuts) {
        try {
            UsageEvent event = values.deserialize(letter.source().topic(), letter.value());
            Cut cut = cuts.get(event.getOccurredAt().truncatedTo(ChronoUnit.DAYS));
            return cut != null
                    && asked.tenant().map(event.getTenant()::equals).orElse(true)
                    && cut.isAfter(letter.source().partition(), letter.source().offset());
        } catch (SerializationException unreadable) {
            return false;
        }
    }
}
