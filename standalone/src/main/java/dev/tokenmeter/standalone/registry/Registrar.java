package dev.tokenmeter.standalone.registry;

import java.util.List;

/**
 * Everything that changes the registry: into the topic first, then into the index, so that nobody is told of what could
 * still be lost. Blocks while Kafka writes; for one worker thread, as versions and ids are given out here.
 */
final class Registrar {
    private final SchemaTopic topic;
    private final SchemaIndex index;

    Registrar(SchemaTopic topic, SchemaIndex index) {
        this.topic = topic;
        this.index = index;
    }

    SubjectVersion register(String subject, AvroText schema, boolean normalize) {
        return index.find(subject, schema, normalize)
                .orElseGet(() -> add(subject, normalize ? schema.normalized() : schema));
    }

    private SubjectVersion add(String subject, AvroText schema) {
        CompatibilityLevel level = index.level(subject);
        level.objection(schema.schema(), index.newestFirst(subject)).ifPresent(objection -> {
            throw RegistryException.incompatible(subject, level, objection);
        });
        SubjectVersion added = index.next(subject, schema);
        write(added);
        return added;
    }

    /** Hides all versions of the subject; returns their numbers. */
    List<Integer> delete(String subject) {
        List<SubjectVersion> versions = index.versionsOf(subject);
        versions.forEach(version -> write(version.asDeleted()));
        return versions.stream().map(SubjectVersion::version).toList();
    }

    private void write(SubjectVersion version) {
        topic.write(version);
        index.put(version);
    }

    /** See {@link SchemaIndex#putLevel}. */
    void setLevel(String subject, CompatibilityLevel level) {
        topic.writeLevel(subject, level);
        index.putLevel(subject, level);
    }
}
