package dev.tokenmeter.service.deadletter;

import java.nio.charset.StandardCharsets;
import org.apache.kafka.common.header.Headers;

/**
 * Where a refused record stood, and how its letter in {@code llm.dead-letter.v1} says so: the value byte for byte, the key
 * {@code topic|partition|offset}, and headers from which the record can be sent again.
 *
 * @param key the record's key, byte for byte; null where it had none
 */
public record DeadLetter(String topic, int partition, long offset, byte[] key) {
    /** All headers of letters begin so; no other header does. */
    static final String PREFIX = "dead-letter.";

    /** One word: {@code poison}, {@code invalid}, {@code late}, {@code refused}, ... */
    public static final String REASON = PREFIX + "reason";

    /** The {@link #REASON} of bytes that cannot be read: no Confluent wire format, no such schema, bad Avro. */
    public static final String POISON = "poison";

    /** What is wrong, for an operator; nothing of the record's content. */
    public static final String MESSAGE = PREFIX + "message";

    /** The service that refused the record. */
    public static final String SERVICE = PREFIX + "service";

    public static final String SOURCE_TOPIC = PREFIX + "source.topic";
    public static final String SOURCE_PARTITION = PREFIX + "source.partition";
    public static final String SOURCE_OFFSET = PREFIX + "source.offset";
    /** The record's key, byte for byte; absent where it had none. */
    public static final String SOURCE_KEY = PREFIX + "source.key";

    private static final int MAX_MESSAGE_CHARS = 500;

    /** The letter's key. */
    public String id() {
        return topic + "|" + partition + "|" + offset;
    }

    /** A message of a bounded length. */
    public static String shortened(String message) {
        return message.length() <= MAX_MESSAGE_CHARS ? message : message.substring(0, MAX_MESSAGE_CHARS);
    }

    /** The {@link #MESSAGE} of bytes that cannot be read, the same from every service: the failure and its causes. */
    public static String unreadable(Throwable failure) {
        StringBuilder text = new StringBuilder("cannot be read");
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            text.append(": ")
                    .append(cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage());
        }
        return text.toString();
    }

    /** Adds the letter's headers to the record's own. */
    public Headers addTo(Headers headers, String service, String reason, String message) {
        add(headers, REASON, reason);
        add(headers, MESSAGE, shortened(message));
        add(headers, SERVICE, service);
        add(headers, SOURCE_TOPIC, topic);
        add(headers, SOURCE_PARTITION, Integer.toString(partition));
        add(headers, SOURCE_OFFSET, Long.toString(offset));
        if (key != null) {
            headers.add(SOURCE_KEY, key);
        }
        return headers;
    }

    private static void add(Headers headers, String name, String value) {
        headers.add(name, value.getBytes(StandardCharsets.UTF_8));
    }
}
