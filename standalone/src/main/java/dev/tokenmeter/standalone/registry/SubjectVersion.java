package dev.tokenmeter.standalone.registry;

/**
 * One schema under one subject.
 *
 * @param version from 1 up within the subject, never used again
 * @param id of the schema, under whatever subject
 * @param deleted hidden from its subject; the id stays valid, as records that carry it may still be read
 */
record SubjectVersion(String subject, int version, int id, AvroText schema, boolean deleted) {
    SubjectVersion asDeleted() {
        return new SubjectVersion(subject, version, id, schema, true);
    }
}
