package dev.tokenmeter.storage.sink;

import dev.tokenmeter.schemas.Topics;
import org.apache.avro.specific.SpecificRecord;

/**
 * How the records of one topic become rows of one table.
 *
 * @param <R> the generated class
 */
interface TableMapping<R extends SpecificRecord> {
    Topics topic();

    String table();

    /** Fails with a {@link ClassCastException} when the topic holds another record. */
    Class<R> recordType();

    /**
     * The row of one record.
     *
     * @param partition where the record came from
     * @param offset where the record came from
     */
    Columns row(R record, int partition, long offset);
}
