package dev.tokenmeter.gateway.proxy;

import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import java.util.Locale;

/**
 * Recognises requests for a WebSocket, over which OpenAI's Realtime and Gemini's Live API run. Their usage is not read
 * yet, so they are refused rather than forwarded unmetered.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc6455#section-4.1">RFC 6455, 4.1</a>
 * @see <a href="https://www.rfc-editor.org/rfc/rfc8441#section-4">RFC 8441, 4</a>
 */
final class WebSockets {
    static final String MESSAGE = "Realtime over WebSocket is not metered yet, so the gateway does not forward it.";

    private WebSockets() {}

    /** By HTTP/1.1's upgrade, or by CONNECT, which HTTP/2 uses and nothing else of a provider's API does. */
    static boolean isAskedFor(HttpServerRequest in) {
        if (in.method() == HttpMethod.CONNECT) {
            return true;
        }
        return in.headers().contains("upgrade")
                && in.headers().getAll("upgrade").stream()
                        .anyMatch(
                                protocols -> protocols.toLowerCase(Locale.ROOT).contains("websocket"));
    }
}
