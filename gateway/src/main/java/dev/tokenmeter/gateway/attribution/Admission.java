package dev.tokenmeter.gateway.attribution;

import dev.tokenmeter.gateway.key.KeyPolicy;

/** Whether a call may pass. */
public sealed interface Admission {
    /**
     * It may.
     *
     * @param attribution whom it is charged to
     * @param virtual whether the provider's configured key goes in the place of the caller's
     * @param policy what the key may be used for
     */
    record Admitted(Attribution attribution, boolean virtual, KeyPolicy policy) implements Admission {}

    /**
     * It may not.
     *
     * @param status HTTP status of the answer
     * @param code a stable word for machines
     * @param message for people
     * @param attribution whose call was refused; null when that is unknown
     */
    record Refused(int status, String code, String message, Attribution attribution) implements Admission {}
}
