package dev.tokenmeter.embedded.registry;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import org.apache.avro.Schema;
import org.apache.avro.SchemaParseException;

/**
 * Subjects, versions, ids and compatibility levels, in memory and in {@link SchemaLog}. Every change is in the log
 * before it is seen. Methods block while they write, so they are called from worker threads; all are guarded by one lock.
 */
final class SchemaStore implements AutoCloseable {
    private final SchemaLog log;
    private final Map<String, NavigableMap<Integer, SchemaVersion>> subjects = new TreeMap<>();
    private final NavigableMap<Integer, Schema> schemas = new TreeMap<>();
    private final Map<Schema, Integer> ids = new HashMap<>();
    private final Map<String, Compatibility> levels = new HashMap<>();
    private Compatibility globalLevel = Compatibility.BACKWARD;

    SchemaStore(SchemaLog log) {
        this.log = log;
    }

    synchronized void load() throws InterruptedException, ExecutionException {
        log.replay(this::apply);
    }

    private void apply(JsonNode key, JsonNode value) {
        String subject = key.path("subject").isTextual() ? key.path("subject").asText() : null;
        switch (key.path("keytype").asText()) {
            case "SCHEMA" -> applySchema(subject, key.path("version").asInt(), value);
            case "CONFIG" ->
                applyLevel(
                        subject,
                        value == null
                                ? null
                                : Compatibility.parse(
                                        value.path("compatibilityLevel").asText()));
            default -> {
                // Confluent's NOOP, MODE and the like, of a log that a real registry wrote.
            }
        }
    }

    private void applySchema(String subject, int version, JsonNode value) {
        if (value == null || value.path("deleted").asBoolean()) {
            versions(subject).remove(version);
            return;
        }
        add(new SchemaVersion(
                subject,
                version,
                value.path("id").asInt(),
                parse(value.path("schema").asText())));
    }

    private void add(SchemaVersion version) {
        versions(version.subject()).put(version.version(), version);
        schemas.put(version.id(), version.schema());
        ids.putIfAbsent(version.schema(), version.id());
    }

    private NavigableMap<Integer, SchemaVersion> versions(String subject) {
        return subjects.computeIfAbsent(subject, s -> new TreeMap<>());
    }

    static Schema parse(String text) {
        try {
            return new Schema.Parser().parse(text);
        } catch (SchemaParseException e) {
            throw RegistryException.invalidSchema(e.getMessage());
        }
    }

    /** The schema's version under the subject, new if it was not there. */
    synchronized SchemaVersion register(String subject, Schema schema) {
        Optional<SchemaVersion> present = find(subject, schema);
        if (present.isPresent()) {
            return present.get();
        }
        Compatibility level = level(subject);
        String objection = level.objection(schema, newestFirst(subject));
        if (objection != null) {
            throw RegistryException.incompatible(subject, level, objection);
        }
        NavigableMap<Integer, SchemaVersion> versions = versions(subject);
        int version = versions.isEmpty() ? 1 : versions.lastKey() + 1;
        int id = ids.getOrDefault(schema, schemas.isEmpty() ? 1 : schemas.lastKey() + 1);
        SchemaVersion added = new SchemaVersion(subject, version, id, schema);
        log.append(added, false);
        add(added);
        return added;
    }

    private Optional<SchemaVersion> find(String subject, Schema schema) {
        return versions(subject).values().stream()
                .filter(version -> version.schema().equals(schema))
                .max(Comparator.comparingInt(SchemaVersion::version));
    }

    synchronized SchemaVersion lookUp(String subject, Schema schema) {
        requireSubject(subject);
        return find(subject, schema).orElseThrow(RegistryException::schemaNotFound);
    }

    synchronized List<String> subjects() {
        return subjects.entrySet().stream()
                .filter(entry -> !entry.getValue().isEmpty())
                .map(Map.Entry::getKey)
                .toList();
    }

    synchronized List<Integer> versionsOf(String subject) {
        return List.copyOf(requireSubject(subject).keySet());
    }

    /** @param version a number, {@code latest} or {@code -1} */
    synchronized SchemaVersion version(String subject, String version) {
        NavigableMap<Integer, SchemaVersion> versions = requireSubject(subject);
        if (version.equals("latest") || version.equals("-1")) {
            return versions.lastEntry().getValue();
        }
        if (!version.matches("[1-9][0-9]{0,8}")) {
            throw RegistryException.invalidVersion(version);
        }
        SchemaVersion found = versions.get(Integer.valueOf(version));
        if (found == null) {
            throw RegistryException.versionNotFound(version);
        }
        return found;
    }

    private NavigableMap<Integer, SchemaVersion> requireSubject(String subject) {
        NavigableMap<Integer, SchemaVersion> versions = subjects.get(subject);
        if (versions == null || versions.isEmpty()) {
            throw RegistryException.subjectNotFound(subject);
        }
        return versions;
    }

    synchronized Schema byId(int id) {
        Schema schema = schemas.get(id);
        if (schema == null) {
            throw RegistryException.schemaNotFound();
        }
        return schema;
    }

    synchronized List<SchemaVersion> usesOf(int id) {
        byId(id);
        return subjects.values().stream()
                .flatMap(versions -> versions.values().stream())
                .filter(version -> version.id() == id)
                .toList();
    }

    /** Removes all versions of a subject; ids stay valid, as records that carry them may still be read. */
    synchronized List<Integer> delete(String subject) {
        List<SchemaVersion> gone = List.copyOf(requireSubject(subject).values());
        gone.forEach(version -> log.append(version, true));
        subjects.get(subject).clear();
        return gone.stream().map(SchemaVersion::version).toList();
    }

    /** Why the schema could not be registered after the version (or after all, by the level), or null if it could. */
    synchronized String objection(String subject, String version, Schema candidate) {
        SchemaVersion against = version(subject, version);
        return level(subject).objection(candidate, List.of(against.schema()));
    }

    private List<Schema> newestFirst(String subject) {
        List<Schema> list = new ArrayList<>();
        versions(subject).descendingMap().values().forEach(version -> list.add(version.schema()));
        return list;
    }

    synchronized Compatibility level(String subject) {
        return levels.getOrDefault(subject, globalLevel);
    }

    synchronized Optional<Compatibility> ownLevel(String subject) {
        return Optional.ofNullable(levels.get(subject));
    }

    synchronized Compatibility globalLevel() {
        return globalLevel;
    }

    /** @param subject null for the global level; @param level null to remove the subject's own */
    synchronized void setLevel(String subject, Compatibility level) {
        log.appendConfig(subject, level);
        applyLevel(subject, level);
    }

    private void applyLevel(String subject, Compatibility level) {
        if (subject == null) {
            globalLevel = level == null ? Compatibility.BACKWARD : level;
        } else if (level == null) {
            levels.remove(subject);
        } else {
            levels.put(subject, level);
        }
    }

    @Override
    public void close() {
        log.close();
    }
}
