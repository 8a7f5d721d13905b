package dev.tokenmeter.standalone.registry;

import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.avro.Schema;

/**
 * All that the topic says, in memory. Nothing here blocks for longer than a look-up, so that event loops may ask. Safe
 * for use by several threads.
 */
final class SchemaIndex {
    private final NavigableMap<String, NavigableMap<Integer, SubjectVersion>> subjects = new TreeMap<>();
    private final NavigableMap<Integer, AvroText> schemas = new TreeMap<>();
    private final Map<String, Integer> idsByText = new HashMap<>();
    private final Map<String, CompatibilityLevel> levels = new HashMap<>();
    private CompatibilityLevel globalLevel = CompatibilityLevel.BACKWARD;

    synchronized void put(SubjectVersion version) {
        subjects.computeIfAbsent(version.subject(), name -> new TreeMap<>()).put(version.version(), version);
        schemas.put(version.id(), version.schema());
        idsByText.putIfAbsent(version.schema().text(), version.id());
    }

    /** Forgets a version that was deleted for good. */
    synchronized void remove(String subject, int version) {
        subjects.getOrDefault(subject, new TreeMap<>()).remove(version);
    }

    /**
     * @param subject null for the global level
     * @param level null to go back to the default
     */
    synchronized void putLevel(String subject, CompatibilityLevel level) {
        if (subject == null) {
            globalLevel = level == null ? CompatibilityLevel.BACKWARD : level;
        } else if (level == null) {
            levels.remove(subject);
        } else {
            levels.put(subject, level);
        }
    }

    synchronized List<String> subjects() {
        return subjects.keySet().stream().filter(name -> !live(name).isEmpty()).toList();
    }

    /** @throws RegistryException if there is none */
    synchronized List<SubjectVersion> versionsOf(String subject) {
        List<SubjectVersion> versions = live(subject);
        if (versions.isEmpty()) {
            throw RegistryException.subjectNotFound(subject);
        }
        return versions;
    }

    /**
     * @param version a number, or {@code latest}, or its other name {@code -1}
     * @throws RegistryException if subject or version is not there
     */
    synchronized SubjectVersion version(String subject, String version) {
        List<SubjectVersion> versions = versionsOf(subject);
        if (version.equals("latest") || version.equals("-1")) {
            return versions.get(versions.size() - 1);
        }
        if (!version.matches("[1-9][0-9]{0,8}")) {
            throw RegistryException.invalidVersion(version);
        }
        int number = Integer.parseInt(version);
        return versions.stream()
                .filter(candidate -> candidate.version() == number)
                .findFirst()
                .orElseThrow(() -> RegistryException.versionNotFound(version));
    }

    /** The newest version of the subject with that schema. */
    synchronized Optional<SubjectVersion> find(String subject, AvroText schema, boolean normalize) {
        String wanted = normalize ? schema.normalized().text() : schema.text();
        return live(subject).stream()
                .filter(version -> wanted.equals(
                        normalize
                                ? version.schema().normalized().text()
                                : version.schema().text()))
                .max(Comparator.comparingInt(SubjectVersion::version));
    }

    /** What the schema would be as the subject's next version. */
    synchronized SubjectVersion next(String subject, AvroText schema) {
        NavigableMap<Integer, SubjectVersion> versions = subjects.getOrDefault(subject, new TreeMap<>());
        int version = versions.isEmpty() ? 1 : versions.lastKey() + 1;
        int newId = schemas.isEmpty() ? 1 : schemas.lastKey() + 1;
        return new SubjectVersion(subject, version, idsByText.getOrDefault(schema.text(), newId), schema, false);
    }

    /** @throws RegistryException if there is none */
    synchronized AvroText byId(int id) {
        AvroText schema = schemas.get(id);
        if (schema == null) {
            throw RegistryException.schemaNotFound();
        }
        return schema;
    }

    synchronized List<SubjectVersion> usesOf(int id) {
        byId(id);
        return subjects.values().stream()
                .map(NavigableMap::values)
                .flatMap(Collection::stream)
                .filter(version -> version.id() == id && !version.deleted())
                .toList();
    }

    synchronized CompatibilityLevel level(String subject) {
        return levels.getOrDefault(subject, globalLevel);
    }

    synchronized Optional<CompatibilityLevel> ownLevel(String subject) {
        return Optional.ofNullable(levels.get(subject));
    }

    synchronized CompatibilityLevel globalLevel() {
        return globalLevel;
    }

    /** The subject's schemas, as Avro's checker wants them. */
    synchronized List<Schema> newestFirst(String subject) {
        return live(subject).stream()
                .sorted(Comparator.comparingInt(SubjectVersion::version).reversed())
                .map(version -> version.schema().schema())
                .toList();
    }

    private List<SubjectVersion> live(String subject) {
        return subjects.getOrDefault(subject, new TreeMap<>()).values().stream()
                .filter(version -> !version.deleted())
                .toList();
    }
}
