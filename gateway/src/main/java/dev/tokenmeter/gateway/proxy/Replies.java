package dev.tokenmeter.gateway.proxy;

import dev.tokenmeter.gateway.dialect.Dialect;
import dev.tokenmeter.service.Health;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import java.util.Map;

/** Answers of the gateway's own. */
final class Replies {
    private Replies() {}

    /** An error as the provider would word it. What would fail again is marked so that the official SDKs do not retry it. */
    static void error(HttpServerResponse out, Dialect dialect, int status, String code, String message) {
        if (out.ended() || out.closed() || out.headWritten()) {
            return;
        }
        out.setStatusCode(status).putHeader("content-type", "application/json");
        if (status < 500 && status != 429 || status == 501) {
            out.putHeader("x-should-retry", "false");
        }
        if (status == 503 && !out.headers().contains("retry-after")) {
            out.putHeader("retry-after", "1");
        }
        out.end(Buffer.buffer(dialect.error(status, code, message)));
    }

    /** Health, one line a check. */
    static void health(HttpServerResponse out, Map<String, Health.Status> checks) {
        boolean up = checks.values().stream().allMatch(Health.Status::up);
        StringBuilder text = new StringBuilder(up ? "UP\n" : "DOWN\n");
        checks.forEach((name, status) -> text.append(name)
                .append(status.up() ? ": up" : ": down (" + status.detail() + ")")
                .append('\n'));
        out.setStatusCode(up ? 200 : 503)
                .putHeader("content-type", "text/plain; charset=utf-8")
                .end(text.toString());
    }
}
