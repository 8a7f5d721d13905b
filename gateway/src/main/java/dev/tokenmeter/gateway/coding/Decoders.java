package dev.tokenmeter.gateway.coding;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.MultiMap;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The decoders of requests. One takes memory, part of it outside the heap, only from its first byte until it is closed, so
 * whoever has one must close it however its request ends; how many are open is told. Thread-safe.
 */
public final class Decoders {
    private static final String IDENTITY = "identity";

    private final AtomicInteger open = new AtomicInteger();

    /** @param meters tell how many are open */
    public Decoders(MeterRegistry meters) {
        Gauge.builder("tokenmeter.gateway.open.decoders", open, AtomicInteger::doubleValue)
                .description("Compressed requests that are being read")
                .strongReference(true)
                .register(meters);
    }

    /**
     * The content coding of a message, all its headers taken together; null for none.
     *
     * @see <a href="https://www.rfc-editor.org/rfc/rfc9110#section-12.5.3">RFC 9110, 12.5.3: identity is no coding</a>
     */
    public static String coding(MultiMap headers) {
        if (!headers.contains("content-encoding")) {
            return null;
        }
        List<String> codings = headers.getAll("content-encoding").stream()
                .flatMap(value -> List.of(value.split(",")).stream())
                .map(coding -> coding.strip().toLowerCase(Locale.ROOT))
                .filter(coding -> !coding.isEmpty() && !coding.equals(IDENTITY))
                .toList();
        return codings.isEmpty() ? null : String.join(", ", codings);
    }

    /** For one message; null for a coding that is not understood, or several. */
    public ContentDecoder of(String coding) {
        return ContentDecoder.isKnown(coding) ? new Counted(coding) : null;
    }

    /** Begins with its first byte; may be closed more than once. */
    private final class Counted implements ContentDecoder {
        private final String coding;
        private ContentDecoder decoder;
        private boolean closed;

        Counted(String coding) {
            this.coding = coding;
        }

        @Override
        public void feed(byte[] piece, Sink sink) throws IOException {
            if (closed) {
                return;
            }
            if (decoder == null) {
                decoder = ContentDecoder.of(coding);
                open.incrementAndGet();
            }
            decoder.feed(piece, sink);
        }

        @Override
        public void close() {
            closed = true;
            if (decoder != null) {
                decoder.close();
                decoder = null;
                open.decrementAndGet();
            }
        }
    }
}
