package dev.tokenmeter.gateway.dialect;

/**
 * What a call does with a batch of calls, which is submitted now, run within a day and billed by its output; or with a
 * response that runs in the background, which is like a batch of one.
 *
 * @param id of the batch ({@link Kind#STATUS}, {@link Kind#RESULTS}), the response or the file ({@link Kind#FILE}); null where the path
 *     names none
 */
public record BatchStep(Kind kind, String id) {
    /** Which step. */
    public enum Kind {
        /** Hands it in; the answer names it. */
        SUBMIT,
        /** Asks about it; the answer may name the files with its output, or hold the output. */
        STATUS,
        /** Fetches its output, a line for each of its calls. */
        RESULTS,
        /** Fetches a file, which may be a batch's output. */
        FILE,
        /** Asks for a response, or cancels it, which may have run in the background. */
        RESPONSE
    }
}
