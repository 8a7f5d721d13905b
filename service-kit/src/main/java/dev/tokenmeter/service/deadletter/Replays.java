package dev.tokenmeter.service.deadletter;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;

/** Headers by which a record says that it was refused before and is sent again. */
public final class Replays {
    /** The {@link DeadLetter#id} of the record as it was first refused. */
    public static final String OF = "replay.of";

    /** How often it was sent again, from 1. */
    public static final String ATTEMPT = "replay.attempt";

    /** Reasons, with commas between them, that are none any more by the operator's word. */
    public static final String ACCEPT = "replay.accept";

    private Replays() {}

    /** Whether the operator wants the record in spite of this reason. */
    public static boolean accepts(Headers headers, String reason) {
        Header accepted = headers.lastHeader(ACCEPT);
        return accepted != null && List.of(text(accepted).split(",")).contains(reason);
    }

    /** How often the record was sent again already; 0 for one that never was. */
    static int attempts(Headers headers) {
        Header attempt = headers.lastHeader(ATTEMPT);
        try {
            return attempt == null ? 0 : Integer.parseInt(text(attempt));
        } catch (NumberFormatException notOurs) {
            return 0;
        }
    }

    /** The record's own headers, as it was refused, with what marks it as sent again. */
    static Headers headers(Letter letter, Set<String> accept) {
        Headers headers = new RecordHeaders();
        for (Header header : letter.headers()) {
            if (!header.key().startsWith(DeadLetter.PREFIX)) {
                headers.add(header);
            }
        }
        if (headers.lastHeader(OF) == null) {
            headers.add(OF, bytes(letter.source().id()));
        }
        headers.remove(ATTEMPT).add(ATTEMPT, bytes(Integer.toString(letter.attempts() + 1)));
        headers.remove(ACCEPT);
        if (!accept.isEmpty()) {
            headers.add(ACCEPT, bytes(String.join(",", accept)));
        }
        return headers;
    }

    static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    static String text(Header header) {
        return header == null || header.value() == null ? "" : new String(header.value(), StandardCharsets.UTF_8);
    }
}
