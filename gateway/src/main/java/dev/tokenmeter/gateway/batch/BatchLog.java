package dev.tokenmeter.gateway.batch;

import dev.tokenmeter.schemas.Batch;

/** Where other gateways learn of batches. */
public interface BatchLog extends AutoCloseable {
    /** Writes a batch, replacing what was written of it before. Does not block and does not fail; what is lost is counted. */
    void write(Batch batch);

    @Override
    default void close() {}
}
