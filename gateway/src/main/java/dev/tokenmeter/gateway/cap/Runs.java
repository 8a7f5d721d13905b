package dev.tokenmeter.gateway.cap;

/**
 * The names under which this process reports spend: a random id, and for each tenant a number that grows when the tenant
 * gets a budget. So of a budget that is new, all that is reported under the names since is known here from the first call
 * on, however much was settled before under older names.
 *
 * @param process random
 */
record Runs(String process) {
    /** Of tenants that have had no budget yet. */
    static final int FIRST = 0;

    String name(int generation) {
        return process + "." + generation;
    }

    /** Whether a name is one of this process, of that generation or a later one. */
    boolean isSince(int generation, String run) {
        if (!run.startsWith(process + ".")) {
            return false;
        }
        String number = run.substring(process.length() + 1);
        return number.matches("[0-9]{1,9}") && Integer.parseInt(number) >= generation;
    }
}
