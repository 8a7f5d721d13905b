package dev.tokenmeter.gateway.outbox;

import dev.tokenmeter.schemas.UsageEvent;
import dev.tokenmeter.schemas.serde.AvroSerializer;
import org.apache.kafka.common.serialization.Serializer;

/**
 * An event on its way to Kafka.
 *
 * @param encoded as the outbox holds it; null when that is with another gateway's schema
 * @param offset where Avro's binary encoding begins in it
 */
record EncodedEvent(UsageEvent event, byte[] encoded, int offset) {
    /** Takes the bytes that there are, where the configured serializer is ours and would make the same. */
    static final class ToKafka implements Serializer<EncodedEvent> {
        private final Serializer<UsageEvent> configured;

        ToKafka(Serializer<UsageEvent> configured) {
            this.configured = configured;
        }

        @Override
        public byte[] serialize(String topic, EncodedEvent event) {
            if (event.encoded != null && configured instanceof AvroSerializer<UsageEvent> ours) {
                byte[] value = ours.serializeEncoded(topic, EventCodec.schema(), event.encoded, event.offset);
                if (value != null) {
                    return value;
                }
            }
            return configured.serialize(topic, event.event);
        }

        @Override
        public void close() {
            configured.close();
        }
    }
}
