package dev.tokenmeter.embedded.registry;

/** An answer other than success, with Confluent's error code. */
final class RegistryException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int status;
    private final int code;

    private RegistryException(int status, int code, String message) {
        super(message);
        this.status = status;
        this.code = code;
    }

    static RegistryException subjectNotFound(String subject) {
        return new RegistryException(404, 40401, "Subject '" + subject + "' not found.");
    }

    static RegistryException versionNotFound(String version) {
        return new RegistryException(404, 40402, "Version " + version + " not found.");
    }

    static RegistryException schemaNotFound() {
        return new RegistryException(404, 40403, "Schema not found");
    }

    static RegistryException noSubjectLevel(String subject) {
        return new RegistryException(
                404, 40408, "Subject '" + subject + "' does not have subject-level compatibility configured");
    }

    static RegistryException incompatible(String subject, Compatibility level, String reason) {
        return new RegistryException(
                409,
                409,
                "Schema being registered is incompatible with an earlier schema for subject \"" + subject
                        + "\", compatibility " + level + ": " + reason);
    }

    static RegistryException invalidSchema(String reason) {
        return new RegistryException(422, 42201, "Invalid schema: " + reason);
    }

    static RegistryException invalidVersion(String version) {
        return new RegistryException(
                422,
                42202,
                "The specified version '" + version + "' is not a valid version id; allowed: 1 and up, latest");
    }

    static RegistryException invalidLevel(String found) {
        return new RegistryException(
                422, 42203, "Invalid compatibility level '" + found + "'; allowed: " + Compatibility.names());
    }

    static RegistryException unsupported(String what) {
        return new RegistryException(422, 42201, what + " is not supported by the embedded registry");
    }

    int status() {
        return status;
    }

    int code() {
        return code;
    }
}
