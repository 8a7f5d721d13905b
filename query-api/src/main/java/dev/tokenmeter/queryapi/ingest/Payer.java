package dev.tokenmeter.queryapi.ingest;

import dev.tokenmeter.queryapi.access.Access;
import java.util.Optional;

/**
 * Who may be charged by a request: the token's tenant, or anybody where it is for all.
 *
 * @param access the token's
 * @param defaultTenant where nobody is named
 */
record Payer(Access access, String defaultTenant) {
    /** @throws dev.tokenmeter.queryapi.problem.Problem.Exception 403 for another tenant than the token's */
    String tenant(Optional<String> named) {
        return access.scope(named).orElse(defaultTenant);
    }

    /** For calls that name no key. */
    String apiKeyId() {
        return "ingest-" + access.name();
    }
}
