package dev.tokenmeter.service.deadletter;

import java.time.Instant;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Headers;

/**
 * A refused record as it stands in the topic.
 *
 * @param number its offset there
 * @param at when it was refused
 * @param source where the record stood
 * @param value the record's bytes; null where it had none
 * @param headers the record's own and the letter's
 * @param attempts how often the record had been sent again when it was refused
 * @param resolution what became of it; null while it is open
 */
public record Letter(
        long number,
        Instant at,
        DeadLetter source,
        String service,
        String reason,
        String message,
        byte[] value,
        Headers headers,
        int attempts,
        Resolution resolution) {

    /** @throws IllegalArgumentException if the record is no letter */
    static Letter of(ConsumerRecord<String, byte[]> record, Resolutions resolutions) {
        Headers headers = record.headers();
        var key = headers.lastHeader(DeadLetter.SOURCE_KEY);
        DeadLetter source = new DeadLetter(
                header(headers, DeadLetter.SOURCE_TOPIC),
                Integer.parseInt(header(headers, DeadLetter.SOURCE_PARTITION)),
                Long.parseLong(header(headers, DeadLetter.SOURCE_OFFSET)),
                key == null ? null : key.value());
        return new Letter(
                record.offset(),
                Instant.ofEpochMilli(record.timestamp()),
                source,
                header(headers, DeadLetter.SERVICE),
                header(headers, DeadLetter.REASON),
                header(headers, DeadLetter.MESSAGE),
                record.value(),
                headers,
                Replays.attempts(headers),
                resolutions.of(source));
    }

    private static String header(Headers headers, String name) {
        return Replays.text(headers.lastHeader(name));
    }
}
