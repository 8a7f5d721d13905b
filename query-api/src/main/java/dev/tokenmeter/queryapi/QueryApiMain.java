package dev.tokenmeter.queryapi;

import dev.tokenmeter.service.ServiceMain;

/** Runs the query API alone. */
public final class QueryApiMain {
    private QueryApiMain() {}

    public static void main(String[] args) {
        ServiceMain.run(new QueryApiServiceFactory(), args);
    }
}
