package dev.tokenmeter.queryapi.control;

import dev.tokenmeter.queryapi.access.Access;
import dev.tokenmeter.queryapi.problem.Problem;
import java.util.Optional;

/** Whose a new budget or key is. */
final class Owner {
    private Owner() {}

    /** The tenant of the body or of the token, which must not differ. */
    static String of(Body body, Access access) {
        Optional<String> tenant = access.scope(body.text("tenant"));
        return tenant.orElseThrow(() -> Problem.badParameter("tenant", "not given", "a tenant's name"));
    }
}
