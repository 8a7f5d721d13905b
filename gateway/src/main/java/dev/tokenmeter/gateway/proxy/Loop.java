package dev.tokenmeter.gateway.proxy;

import dev.tokenmeter.gateway.outbox.OutboxLane;
import dev.tokenmeter.gateway.upstream.Upstream;
import io.vertx.core.Context;
import io.vertx.core.http.HttpClient;
import java.util.Map;

/**
 * What one event loop has to itself. For that event loop.
 *
 * @param context to come back to it
 * @param clients by address
 * @param outbox its way into it
 * @param watchdogs of its calls
 */
record Loop(Context context, Map<Upstream, HttpClient> clients, OutboxLane outbox, Watchdogs watchdogs) {}
