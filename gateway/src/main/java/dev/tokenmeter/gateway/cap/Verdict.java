package dev.tokenmeter.gateway.cap;

/** Whether a call may still be paid for. */
public sealed interface Verdict {
    /**
     * It may.
     *
     * @param reservation to be settled when the call ends
     * @param warning which soft budgets are used up, fit for a header; null for none
     * @param fallback the model that it is to ask for instead; null to leave the caller's
     */
    record Pass(Reservation reservation, String warning, Fallback fallback) implements Verdict {}

    /**
     * A call falls to a cheaper model.
     *
     * @param model that it is to ask for
     * @param note why, fit for a header
     */
    record Fallback(String model, String note) {}

    /**
     * It may not.
     *
     * @param status HTTP status of the answer
     * @param code a stable word for machines
     * @param message names budget, spend, limit and when a new period begins
     */
    record Refused(int status, String code, String message) implements Verdict {}
}
