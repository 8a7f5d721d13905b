package dev.tokenmeter.benchmarks.throughput;

import dev.tokenmeter.schemas.Topics;
import dev.tokenmeter.schemas.UsageEvent;
import dev.tokenmeter.service.Service;
import dev.tokenmeter.service.ServiceContext;
import dev.tokenmeter.service.ServiceFactory;
import dev.tokenmeter.service.Settings;
import dev.tokenmeter.service.streams.PerThreadSerde;
import dev.tokenmeter.service.streams.StreamsApp;
import dev.tokenmeter.service.streams.StreamsSettings;
import java.util.Set;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.Grouped;
import org.apache.kafka.streams.kstream.Materialized;
import org.apache.kafka.streams.kstream.Named;
import org.apache.kafka.streams.state.KeyValueStore;

/**
 * The least that a Kafka Streams topology can do with usage events: read each and count it by its key. Run as the aggregator is:
 * exactly once, the same Avro, commits, caches and RocksDB settings.
 */
final class BareCount implements ServiceFactory {
    static final String NAME = "bare-count";

    @Override
    public String section() {
        return NAME;
    }

    @Override
    public Set<String> sections() {
        return Set.of(NAME, "kafka");
    }

    @Override
    public int managementPort() {
        return 0;
    }

    @Override
    public Service create(Settings settings, ServiceContext context) {
        StreamsBuilder builder = new StreamsBuilder();
        var events = PerThreadSerde.avro(context.kafka()).as(UsageEvent.class);
        builder.stream(
                        Topics.USAGE.topicName(),
                        Consumed.with(Serdes.String(), events).withName("usage"))
                .groupByKey(Grouped.with("by-key", Serdes.String(), events))
                .count(
                        Named.as("count"),
                        Materialized.<String, Long, KeyValueStore<Bytes, byte[]>>as("counts")
                                .withKeySerde(Serdes.String()));
        return new StreamsApp(builder.build(), StreamsSettings.from(settings, NAME, NAME), context);
    }
}
