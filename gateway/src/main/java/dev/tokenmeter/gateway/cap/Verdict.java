package dev.tokenmeter.gateway.cap;

/** Whether a call may still be paid for. */
public sealed interface Verdict {
    /**
     * It may.
     *
     * @param reservation to be settled when the call ends
     * @param warning which soft budget is used up, fit for a header; null for none
     */
    record Pass(Reservation reservation, String warning) implements Verdict {}

    /**
     * It may not.
     *
     * @param status HTTP status of the answer
     * @param code a stable word for machines
     * @param message names budget, spend, limit and when a new period begins
     */
    record Refused(int status, String code, String message) implements Verdict {}
}
