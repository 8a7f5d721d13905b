package dev.tokenmeter.gateway;

import dev.tokenmeter.pricing.Pricer;
import dev.tokenmeter.service.ServiceMain;

/** The gateway by itself. */
public final class GatewayMain {
    private GatewayMain() {}

    /** @param args {@code [--config FILE]} */
    public static void main(String[] args) {
        Pricer unpriced = event -> event;
        ServiceMain.run(new GatewayServiceFactory(unpriced), args);
    }
}
