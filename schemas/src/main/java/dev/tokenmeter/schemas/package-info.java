/**
 * The contract between Tokenmeter's services: topics, and what follows directly from the Avro records generated from
 * {@code src/main/avro}. Nothing here does I/O except the serdes in {@link dev.tokenmeter.schemas.serde}.
 */
package dev.tokenmeter.schemas;
