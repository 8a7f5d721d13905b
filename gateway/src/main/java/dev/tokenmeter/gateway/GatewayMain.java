package dev.tokenmeter.gateway;

import dev.tokenmeter.service.ServiceMain;

/** The gateway by itself. */
public final class GatewayMain {
    private GatewayMain() {}

    /** @param args {@code [--config FILE]} */
    public static void main(String[] args) {
        ServiceMain.run(new GatewayServiceFactory(), args);
    }
}
