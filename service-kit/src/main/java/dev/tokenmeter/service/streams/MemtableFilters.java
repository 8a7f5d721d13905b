package dev.tokenmeter.service.streams;

import java.util.Map;
import org.apache.kafka.streams.state.RocksDBConfigSetter;
import org.rocksdb.Options;

/**
 * Gives RocksDB's write buffers the Bloom filters that its files have: most keys that are asked for (a new event, the first
 * of an hour) are in neither.
 */
public final class MemtableFilters implements RocksDBConfigSetter {
    private static final double SHARE_OF_BUFFER = 0.05;

    /** For Kafka Streams. */
    public MemtableFilters() {}

    @Override
    public void setConfig(String storeName, Options options, Map<String, Object> configs) {
        options.setMemtablePrefixBloomSizeRatio(SHARE_OF_BUFFER);
        options.setMemtableWholeKeyFiltering(true);
    }

    @Override
    public void close(String storeName, Options options) {
        // Nothing was made.
    }
}
