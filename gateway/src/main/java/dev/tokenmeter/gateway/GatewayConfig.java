package dev.tokenmeter.gateway;

import dev.tokenmeter.gateway.attribution.AttributionConfig;
import dev.tokenmeter.gateway.cap.CapConfig;
import dev.tokenmeter.gateway.outbox.OutboxConfig;
import dev.tokenmeter.gateway.proxy.ProxyConfig;
import dev.tokenmeter.service.Settings;

/**
 * All settings of the gateway.
 *
 * @param proxy the HTTP path and the providers
 * @param attribution keys and tags
 * @param outbox where events wait
 * @param caps budgets that hold
 */
public record GatewayConfig(ProxyConfig proxy, AttributionConfig attribution, OutboxConfig outbox, CapConfig caps) {
    /**
     * Reads and checks the sections {@code gateway} and {@code providers}.
     *
     * @throws dev.tokenmeter.service.SettingException if one is wrong
     */
    public static GatewayConfig from(Settings settings) {
        return new GatewayConfig(
                ProxyConfig.from(settings),
                AttributionConfig.from(settings),
                OutboxConfig.from(settings),
                CapConfig.from(settings));
    }
}
