package dev.tokenmeter.service;

import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.Supplier;

/**
 * Whether a service is alive and ready. Checks are asked on each request, so they must be quick and must not block: they
 * read a state that the service keeps. Thread-safe.
 */
public final class Health {
    private final Map<String, Supplier<Status>> readiness = new ConcurrentSkipListMap<>();
    private final Map<String, Supplier<Status>> liveness = new ConcurrentSkipListMap<>();

    /**
     * What a check found.
     *
     * @param up whether it is well
     * @param detail for an operator: what is wrong, since when; never a secret
     */
    public record Status(boolean up, String detail) {
        public static Status ok() {
            return new Status(true, "");
        }

        public static Status down(String detail) {
            return new Status(false, detail);
        }
    }

    /** Adds a check of whether the service can do its work now. */
    public void readiness(String name, Supplier<Status> check) {
        readiness.put(name, check);
    }

    /** Adds a check of whether a restart would help. */
    public void liveness(String name, Supplier<Status> check) {
        liveness.put(name, check);
    }

    /** Results of the readiness checks, by name. */
    public Map<String, Status> ready() {
        return ask(readiness);
    }

    /** Results of the liveness checks, by name. */
    public Map<String, Status> live() {
        return ask(liveness);
    }

    private static Map<String, Status> ask(Map<String, Supplier<Status>> checks) {
        Map<String, Status> results = new ConcurrentSkipListMap<>();
        checks.forEach((name, check) -> results.put(name, check.get()));
        return results;
    }
}
