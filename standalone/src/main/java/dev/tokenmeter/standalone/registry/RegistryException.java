package dev.tokenmeter.standalone.registry;

/** An answer other than success: HTTP status, Confluent's error code, and a sentence. */
final class RegistryException extends RuntimeException {
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

    static RegistryException noLevelOfItsOwn(String subject) {
        return new RegistryException(
                404, 40408, "Subject '" + subject + "' does not have subject-level compatibility configured");
    }

    static RegistryException incompatible(String subject, CompatibilityLevel level, String objection) {
        return new RegistryException(
                409,
                409,
                "Schema being registered is incompatible with an earlier schema for subject \"" + subject
                        + "\" under compatibility " + level + ": " + objection);
    }

    static RegistryException invalidSchema(String objection) {
        return new RegistryException(422, 42201, "Invalid schema: " + objection);
    }

    static RegistryException invalidVersion(String version) {
        return new RegistryException(
                422, 42202, "The specified version '" + version + "' is neither a number from 1 up nor 'latest'.");
    }

    static RegistryException invalidLevel(String level) {
        return new RegistryException(
                422, 42203, "Invalid compatibility level '" + level + "'. Valid: " + CompatibilityLevel.NAMES);
    }

    static RegistryException malformed(String objection) {
        return new RegistryException(400, 400, objection);
    }

    static RegistryException storeFailed() {
        return new RegistryException(500, 50001, "Error in the backend data store");
    }

    int status() {
        return status;
    }

    int code() {
        return code;
    }
}
