package dev.tokenmeter.queryapi.access;

import dev.tokenmeter.queryapi.problem.Problem;
import io.vertx.ext.web.RoutingContext;
import java.util.Optional;

/**
 * Who asks.
 *
 * @param name the token's name; stands in {@code updated_by}
 * @param tenant the only tenant whose numbers may be seen; empty for all
 * @param role what may be done
 */
public record Access(String name, Optional<String> tenant, Role role) {
    private static final String KEY = Access.class.getName();

    /** Of the request, as set by the guard before it. */
    public static Access of(RoutingContext context) {
        Access access = context.get(KEY);
        if (access == null) {
            throw Problem.unauthorized();
        }
        return access;
    }

    void attachTo(RoutingContext context) {
        context.put(KEY, this);
    }

    /**
     * The tenant to limit an answer to: the token's own where it has one, else the one asked for, if any.
     *
     * @throws Problem.Exception 403 if another tenant than the token's is asked for
     */
    public Optional<String> scope(Optional<String> asked) {
        if (tenant.isPresent() && asked.isPresent() && !asked.equals(tenant)) {
            throw Problem.forbidden("This token is for another tenant.");
        }
        return tenant.isPresent() ? tenant : asked;
    }

    /** Whether something of that tenant exists for this token at all. */
    public boolean sees(String owner) {
        return tenant.isEmpty() || tenant.get().equals(owner);
    }

    /** @throws Problem.Exception 403 unless the token is an admin's */
    public void requireAdmin() {
        if (role != Role.ADMIN) {
            throw Problem.forbidden("This token may not change this; that needs the role admin.");
        }
    }

    /** @throws Problem.Exception 403 unless the token is an editor's or an admin's */
    public void requireEditor() {
        if (role != Role.ADMIN && role != Role.EDITOR) {
            throw Problem.forbidden("This token may not change this; that needs the role editor or admin.");
        }
    }

    /** @throws Problem.Exception 403 if the token may only read */
    public void requireIngest() {
        if (role == Role.VIEWER) {
            throw Problem.forbidden("This token may only read; sending calls needs the role ingest, editor or admin.");
        }
    }

    /** @throws Problem.Exception 403 for a token that may not read */
    public void requireReader() {
        if (role == Role.INGEST) {
            throw Problem.forbidden("This token may only send calls; anything else needs another role.");
        }
    }

    /** @throws Problem.Exception 403 unless the token is an admin's and for all tenants */
    public void requireAdminOfAll() {
        requireAdmin();
        requireAll();
    }

    /** @throws Problem.Exception 403 unless the token is for all tenants */
    public void requireAll() {
        if (tenant.isPresent()) {
            throw Problem.forbidden("This token is for one tenant; this needs a token for all (tenant \"*\").");
        }
    }
}
