package dev.tokenmeter.gateway;

import dev.tokenmeter.gateway.attribution.AttributionConfig;
import dev.tokenmeter.gateway.batch.BatchConfig;
import dev.tokenmeter.gateway.cap.CapConfig;
import dev.tokenmeter.gateway.estimate.EstimateConfig;
import dev.tokenmeter.gateway.observe.ObserveConfig;
import dev.tokenmeter.gateway.outbox.OutboxConfig;
import dev.tokenmeter.gateway.proxy.HangUpConfig;
import dev.tokenmeter.gateway.proxy.ProxyConfig;
import dev.tokenmeter.service.Settings;

/**
 * All settings of the gateway.
 *
 * @param proxy the HTTP path and the providers
 * @param attribution keys and tags
 * @param outbox where events wait
 * @param caps budgets that hold
 * @param estimates of usage that providers leave out
 * @param hangUps what happens when a client goes away
 * @param batches whose output is whose
 * @param observe access log and tracing
 */
public record GatewayConfig(
        ProxyConfig proxy,
        AttributionConfig attribution,
        OutboxConfig outbox,
        CapConfig caps,
        EstimateConfig estimates,
        HangUpConfig hangUps,
        BatchConfig batches,
        ObserveConfig observe) {
    /**
     * Reads and checks the sections {@code gateway} and {@code providers}.
     *
     * @throws dev.tokenmeter.service.SettingException if one is wrong
     */
    public static GatewayConfig from(Settings settings) {
        ProxyConfig proxy = ProxyConfig.from(settings);
        return new GatewayConfig(
                proxy,
                AttributionConfig.from(settings),
                OutboxConfig.from(settings),
                CapConfig.from(settings),
                EstimateConfig.from(settings),
                HangUpConfig.from(settings, proxy.providers()),
                BatchConfig.from(settings),
                ObserveConfig.from(settings));
    }
}
