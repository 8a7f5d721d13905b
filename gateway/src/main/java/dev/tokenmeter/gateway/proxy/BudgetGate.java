package dev.tokenmeter.gateway.proxy;

import dev.tokenmeter.gateway.attribution.Attribution;
import dev.tokenmeter.gateway.attribution.Authenticator;
import dev.tokenmeter.gateway.cap.Asked;
import dev.tokenmeter.gateway.cap.Caps;
import dev.tokenmeter.gateway.cap.Reservation;
import dev.tokenmeter.gateway.cap.Verdict;
import dev.tokenmeter.gateway.dialect.RequestFields;
import io.vertx.core.http.HttpServerResponse;
import java.util.Optional;

/** What the budgets say of one call, once its request is here, and what follows from it. For one event loop. */
final class BudgetGate {
    private static final Verdict.Refused UNREADABLE = new Verdict.Refused(
            415,
            "request_not_readable",
            "A hard budget applies, so the gateway must be able to read what this call asks for: JSON, as it is or in one of"
                    + " the content codings gzip, deflate and zstd.");

    private final Caps caps;
    private final Authenticator authenticator;
    private final Call call;
    private Attribution attributed;
    private Verdict.Pass passed;

    BudgetGate(Caps caps, Authenticator authenticator, Call call) {
        this.caps = caps;
        this.authenticator = authenticator;
        this.call = call;
        this.passed = new Verdict.Pass(Reservation.none(call.attribution().tenant()), null, null);
    }

    /** Whether {@link #judge} needs the request's body. */
    boolean readsRequest() {
        return caps.readsRequests(call.attribution().tenant());
    }

    /** Decides on a billed call, and puts another model into its request where that is the verdict. */
    Optional<Verdict.Refused> judge(RequestBody body) {
        RequestFields fields = body.fields();
        if (body.isHeld()) {
            attributed = authenticator.withBody(call.attribution(), fields.metadata(), fields.endUser());
        }
        String model = call.requestedModel(fields);
        Asked asked = new Asked(
                attributed == null ? call.attribution() : attributed,
                call.virtual(),
                call.provider().name(),
                call.provider().region(),
                call.operation(),
                model,
                body.isHeld() && call.modelInPath() == null && model != null,
                body::held);
        if (!body.isReadable() && call.operation().takesText() && caps.mayHoldBack(asked)) {
            return Optional.of(UNREADABLE);
        }
        Verdict verdict = caps.judge(asked);
        if (verdict instanceof Verdict.Refused refused) {
            return Optional.of(refused);
        }
        passed = (Verdict.Pass) verdict;
        if (passed.fallback() != null) {
            body.rename(passed.fallback().model());
        }
        return Optional.empty();
    }

    /** The model that the request names in the end: the caller's, or a cheaper one. */
    String model(String asked) {
        return passed.fallback() == null ? asked : passed.fallback().model();
    }

    /** Tells the caller what was decided. */
    void mark(HttpServerResponse out) {
        if (passed.warning() != null) {
            out.putHeader("x-tokenmeter-budget-warning", passed.warning());
        }
        if (passed.fallback() != null) {
            out.putHeader("x-tokenmeter-model-fallback", passed.fallback().note());
        }
    }

    Reservation reservation() {
        return passed.reservation();
    }

    /** Whom the call is charged to, by its headers and what was read of its body. */
    Attribution attribution(RequestBody body) {
        RequestFields fields = body.fields();
        return attributed != null
                ? attributed
                : authenticator.withBody(call.attribution(), fields.metadata(), fields.endUser());
    }

    /** An answer that names no model is the one's that was asked in the end. */
    Ending ended(Ending ending) {
        return passed.fallback() == null
                ? ending
                : ending.orModel(passed.fallback().model());
    }
}
