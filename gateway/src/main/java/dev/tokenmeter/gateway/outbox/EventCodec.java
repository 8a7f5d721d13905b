package dev.tokenmeter.gateway.outbox;

import dev.tokenmeter.schemas.UsageEvent;
import dev.tokenmeter.schemas.serde.RecordEncoder;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
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
    private static final byte[] MARKER = {(byte) 0xC3, 0x01};
    /** Where the event itself begins, after marker and fingerprint. */
    static final int HEADER_BYTES = MARKER.length + Long.BYTES;

    private static final byte[] HEADER = ByteBuffer.allocate(HEADER_BYTES)
            .order(ByteOrder.LITTLE_ENDIAN)
            .put(MARKER)
            .putLong(fingerprint(schema()))
            .array();
    private static final RecordEncoder ENCODER = new RecordEncoder(schema());

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
        return ENCODER.encode(event, HEADER);
    }

    UsageEvent decode(byte[] bytes) throws IOException {
        return decoder.decode(bytes);
    }
}
