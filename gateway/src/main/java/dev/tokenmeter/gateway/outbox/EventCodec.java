package dev.tokenmeter.gateway.outbox;

import dev.tokenmeter.schemas.UsageEvent;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.apache.avro.Schema;
import org.apache.avro.SchemaNormalization;
import org.apache.avro.message.BinaryMessageDecoder;
import org.apache.avro.message.SchemaStore;

/**
 * Events as bytes in the outbox: Avro's single-object encoding, whose header names the writer's schema by fingerprint, so
 * that a newer gateway reads what an older one left. Thread-safe.
 *
 * @see <a href="https://avro.apache.org/docs/1.12.0/specification/#single-object-encoding">single-object encoding</a>
 */
final class EventCodec {
    private final SchemaStore.Cache schemas = new SchemaStore.Cache();
    private final BinaryMessageDecoder<UsageEvent> decoder;

    EventCodec() {
        decoder = UsageEvent.createDecoder(schemas);
    }

    /** The schema that this gateway writes. */
    static Schema schema() {
        return UsageEvent.getClassSchema();
    }

    static long fingerprint(Schema schema) {
        return SchemaNormalization.parsingFingerprint64(schema);
    }

    /** Makes events of another writer's schema readable. */
    void learn(Schema schema) {
        schemas.addSchema(schema);
    }

    byte[] encode(UsageEvent event) {
        try {
            ByteBuffer bytes = UsageEvent.getEncoder().encode(event);
            byte[] copy = new byte[bytes.remaining()];
            bytes.get(copy);
            return copy;
        } catch (IOException e) {
            throw new IllegalStateException("encoding into memory did no I/O and yet failed", e);
        }
    }

    UsageEvent decode(byte[] bytes) throws IOException {
        return decoder.decode(bytes);
    }
}
