package dev.tokenmeter.embedded.registry;

import org.apache.avro.Schema;

/**
 * One schema under one subject.
 *
 * @param version from 1 up within the subject
 * @param id the same for the same schema under every subject
 */
record SchemaVersion(String subject, int version, int id, Schema schema) {}
