package dev.tokenmeter.aggregator;

import dev.tokenmeter.schemas.UsageEvent;
import dev.tokenmeter.service.streams.Decoded;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.streams.processor.TimestampExtractor;

/**
 * An event's time is its {@code occurred_at}, but no later than when it was sent: so a gateway whose clock runs ahead
 * cannot push stream time forward, a replay sees the same stream time as the first run, and what is derived carries no
 * timestamp that a broker would refuse for lying in the future. A record without a usable event does not move time.
 */
final class EventTime implements TimestampExtractor {
    @Override
    public long extract(ConsumerRecord<Object, Object> record, long partitionTime) {
        if (record.value() instanceof Decoded.Usable<?> usable && usable.value() instanceof UsageEvent event) {
            long occurredAt = event.getOccurredAt().toEpochMilli();
            long sentAt = record.timestamp() < 0 ? occurredAt : record.timestamp();
            return Math.max(0, Math.min(occurredAt, sentAt));
        }
        return Math.max(0, partitionTime);
    }
}
