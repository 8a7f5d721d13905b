package dev.tokenmeter.aggregator;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.common.utils.Utils;
import org.apache.kafka.streams.processor.StreamPartitioner;

/** Key of everything that is kept by tenant: the tenant first, so that all of one tenant's is together in every store. */
record TenantKey(List<String> parts) {
    TenantKey {
        parts = List.copyOf(parts);
    }

    static TenantKey of(String... parts) {
        return new TenantKey(List.of(parts));
    }

    String tenant() {
        return parts.get(0);
    }

    String last() {
        return parts.get(parts.size() - 1);
    }

    static Serde<TenantKey> serde() {
        StringSerializer toBytes = new StringSerializer();
        StringDeserializer fromBytes = new StringDeserializer();
        return Serdes.serdeFrom(
                // An open end of a range is a null key.
                (topic, key) -> key == null ? null : toBytes.serialize(topic, JsonKey.encode(key.parts())),
                (topic, bytes) -> new TenantKey(JsonKey.decode(fromBytes.deserialize(topic, bytes))));
    }

    /** Sends all keys of a tenant to one partition, the same of every topic that has as many. */
    static <V> StreamPartitioner<TenantKey, V> byTenant() {
        return (topic, key, value, partitions) -> {
            int hash = Utils.murmur2(key.tenant().getBytes(StandardCharsets.UTF_8));
            return Optional.of(Set.of(Utils.toPositive(hash) % partitions));
        };
    }
}
