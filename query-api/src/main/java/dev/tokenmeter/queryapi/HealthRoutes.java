package dev.tokenmeter.queryapi;

import dev.tokenmeter.service.Health;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.util.Map;
import java.util.function.Supplier;

/** {@code /health/live} and {@code /health/ready} beside the API, for load balancers that see this port only. */
final class HealthRoutes {
    private HealthRoutes() {}

    static void add(Router router, Health health) {
        router.get("/health/live").handler(context -> answer(context, health::live));
        router.get("/health/ready").handler(context -> answer(context, health::ready));
    }

    /** Up or down only; what is wrong stands on the management port. */
    private static void answer(RoutingContext context, Supplier<Map<String, Health.Status>> checks) {
        boolean up = checks.get().values().stream().allMatch(Health.Status::up);
        context.response()
                .setStatusCode(up ? 200 : 503)
                .putHeader("Content-Type", "application/json")
                .end(new JsonObject().put("status", up ? "up" : "down").toBuffer());
    }
}
