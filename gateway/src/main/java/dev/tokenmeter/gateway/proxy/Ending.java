package dev.tokenmeter.gateway.proxy;

import dev.tokenmeter.gateway.dialect.Operation;
import dev.tokenmeter.gateway.dialect.UsageReading;
import dev.tokenmeter.gateway.estimate.EndedCall;
import dev.tokenmeter.gateway.estimate.Recording;
import dev.tokenmeter.schemas.Outcome;
import dev.tokenmeter.schemas.UsageSource;

/**
 * How a call ended.
 *
 * @param outcome in a word
 * @param sent whether a request went out to the provider
 * @param httpStatus of the provider's answer; null when none came
 * @param providerRequestId the provider's own id; null when it gave none
 * @param streamed whether the answer was an event stream
 * @param requestedModel as the request names it; null when it was not seen
 * @param reading what the answer says
 * @param recording of the answer; null when none came, or none that can be read
 * @param toldStatus HTTP status with which the gateway itself answered; null when it did not
 * @param errorCode its word for why; null when it did not
 */
record Ending(
        Outcome outcome,
        boolean sent,
        Integer httpStatus,
        String providerRequestId,
        boolean streamed,
        String requestedModel,
        UsageReading reading,
        Recording recording,
        Integer toldStatus,
        String errorCode) {
    /** In the provider's words, if any. */
    Ending(
            Outcome outcome,
            boolean sent,
            Integer httpStatus,
            String providerRequestId,
            boolean streamed,
            String requestedModel,
            UsageReading reading,
            Recording recording) {
        this(outcome, sent, httpStatus, providerRequestId, streamed, requestedModel, reading, recording, null, null);
    }

    static Ending withoutAnswer(Outcome outcome, boolean sent, String requestedModel) {
        return new Ending(outcome, sent, null, null, false, requestedModel, UsageReading.NOTHING, null);
    }

    /** Lets go of what was recorded of the answer. */
    void forget() {
        if (recording != null) {
            recording.forget();
        }
    }

    /** As whoever estimates its usage needs to know it. */
    EndedCall of(Operation operation) {
        return new EndedCall(operation, outcome, sent, httpStatus, streamed, requestedModel, reading);
    }

    /** The same in another word. */
    Ending with(Outcome other) {
        return new Ending(other, sent, httpStatus, providerRequestId, streamed, requestedModel, reading, recording);
    }

    /** The same with another reading. */
    Ending with(UsageReading other) {
        return new Ending(
                outcome,
                sent,
                httpStatus,
                providerRequestId,
                streamed,
                requestedModel,
                other,
                recording,
                toldStatus,
                errorCode);
    }

    /** The same, of which the gateway tells the client in its own words. */
    Ending told(int status, String code) {
        return new Ending(
                outcome,
                sent,
                httpStatus,
                providerRequestId,
                streamed,
                requestedModel,
                reading,
                recording,
                status,
                code);
    }

    /** The same with an answer's model where it named none. */
    Ending orModel(String model) {
        return with(reading.orModel(model));
    }

    /**
     * Whether the provider did what it was asked for, which it does for nobody whom it does not know. Some path that is not
     * known may be there for everybody, so the provider's word on what was used has to stand for it.
     */
    boolean isServed(Operation operation) {
        boolean well = httpStatus != null && httpStatus >= 200 && httpStatus < 300;
        return well && (operation != Operation.OTHER || reading.source() == UsageSource.provider);
    }

    /** The same without what the caller may have made up. */
    Ending ofStranger() {
        return new Ending(
                outcome,
                sent,
                httpStatus,
                providerRequestId,
                streamed,
                null,
                reading,
                recording,
                toldStatus,
                errorCode);
    }
}
