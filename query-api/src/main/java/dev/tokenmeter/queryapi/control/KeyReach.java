package dev.tokenmeter.queryapi.control;

import dev.tokenmeter.queryapi.access.Access;
import dev.tokenmeter.queryapi.problem.Problem;
import dev.tokenmeter.schemas.ApiKey;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * How far a key reaches beyond its tenant: to what providers keep for all whose calls go out with one provider key
 * ({@code files}, {@code stored}), and to which provider keys. That is for who sees all tenants to say; a tenant's own admin
 * may keep or narrow what its key has.
 */
final class KeyReach {
    private static final Set<String> SHARED = Set.of("files", "stored");

    private KeyReach() {}

    /**
     * Of a new key.
     *
     * @throws Problem.Exception 403 if the token may not give that much
     */
    static void check(Access access, ApiKey made) {
        check(access, without(made), made);
    }

    /**
     * Of a change.
     *
     * @throws Problem.Exception 403 if the token may not give that much
     */
    static void check(Access access, ApiKey before, ApiKey after) {
        if (access.tenant().isEmpty()) {
            return;
        }
        SHARED.stream()
                .filter(word -> after.getAllowedOperations().contains(word))
                .filter(word -> !before.getAllowedOperations().contains(word))
                .sorted()
                .findFirst()
                .ifPresent(word ->
                        refuse("allowed_operations: '" + word + "' reaches what other tenants keep at a provider"));
        if (!after.getProviderKeys().equals(before.getProviderKeys())) {
            refuse("provider_keys: which of the operator's keys calls go out with");
        }
        boolean shares = after.getAllowedOperations().stream().anyMatch(SHARED::contains);
        if (shares && widens(before.getAllowedProviders(), after.getAllowedProviders())) {
            refuse("allowed_providers: more of them, for a key that reaches what they keep");
        }
    }

    private static ApiKey without(ApiKey key) {
        return ApiKey.newBuilder(key)
                .setAllowedOperations(List.of())
                .setProviderKeys(Map.of())
                .build();
    }

    /** None means all. */
    private static boolean widens(List<String> before, List<String> after) {
        return !before.isEmpty() && (after.isEmpty() || !before.containsAll(after));
    }

    private static void refuse(String what) {
        throw Problem.forbidden(
                what + " is for a token for all tenants (tenant \"*\") to say; allowed: what the key has.");
    }
}
