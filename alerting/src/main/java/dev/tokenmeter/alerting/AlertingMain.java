package dev.tokenmeter.alerting;

import dev.tokenmeter.service.ServiceMain;

/** Starts alerting by itself. */
public final class AlertingMain {
    private AlertingMain() {}

    public static void main(String[] args) {
        ServiceMain.run(new AlertingServiceFactory(), args);
    }
}
