package dev.tokenmeter.gateway.proxy;

import dev.tokenmeter.gateway.key.Denial;
import io.vertx.core.http.HttpMethod;
import java.util.Optional;

/** What the caller's key says of one call, once its request is here. For one event loop. */
final class KeyGate {
    /**
     * Why the call does not go out.
     *
     * @param status HTTP status of the answer
     * @param code a stable word for machines
     * @param message for people
     */
    record Refusal(int status, String code, String message) {}

    private static final int FORBIDDEN = 403;

    private final Call call;
    private final HttpMethod method;

    KeyGate(Call call, HttpMethod method) {
        this.call = call;
        this.method = method;
    }

    /** Whether {@link #judge} needs the request's body. */
    boolean readsRequest() {
        return call.policy().restrictsModels();
    }

    /** Decides on the call. */
    Optional<Refusal> judge(RequestBody body) {
        return denial(body).map(denial -> new Refusal(FORBIDDEN, denial.code(), denial.message()));
    }

    private Optional<Denial> denial(RequestBody body) {
        if (call.metered() || call.modelInPath() != null) {
            return call.policy().deniesModel(call.modelInPath(), body::held);
        }
        return submitsBatch() ? call.policy().deniesUnseenModel() : Optional.empty();
    }

    /** A batch bills nothing yet, and its requests with their models are in a file. */
    private boolean submitsBatch() {
        String path = call.route().path();
        return method.equals(HttpMethod.POST) && path.contains("batch") && !path.endsWith("cancel");
    }
}
