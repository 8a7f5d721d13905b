package dev.tokenmeter.queryapi.bills;

import dev.tokenmeter.queryapi.problem.Problem;

/** Reads one format. */
@FunctionalInterface
interface BillReader {
    /**
     * Puts all that an upload says on the sheet.
     *
     * @throws Problem.Exception 400 if it is not of the format
     */
    void read(byte[] upload, BillSheet sheet);
}
