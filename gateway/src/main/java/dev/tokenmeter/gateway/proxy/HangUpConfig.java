package dev.tokenmeter.gateway.proxy;

import dev.tokenmeter.service.Settings;
import java.util.Collection;
import java.util.Map;
import java.util.TreeMap;

/**
 * Settings of what happens to an answer whose client has gone.
 *
 * @param byProvider what, by provider
 * @param maxConcurrentDrains answers that may be drained at once, in all; further ones are cancelled
 */
public record HangUpConfig(Map<String, Policy> byProvider, int maxConcurrentDrains) {
    /** What happens. */
    public enum Policy {
        /** The provider is told to stop; what was seen is metered. */
        CANCEL,
        /** The answer is read to its end, so that its usage is known. */
        DRAIN
    }

    public HangUpConfig {
        byProvider = Map.copyOf(byProvider);
    }

    /** Reads {@code gateway.when-client-hangs-up}, the same of each provider, and {@code gateway.drain.*}. */
    public static HangUpConfig from(Settings settings, Collection<ProviderConfig> providers) {
        String setting = "when-client-hangs-up";
        Policy byDefault = settings.oneOf("gateway." + setting, Policy.class, Policy.CANCEL);
        Map<String, Policy> byProvider = new TreeMap<>();
        for (ProviderConfig provider : providers) {
            String name = provider.name();
            byProvider.put(name, settings.oneOf("providers." + name + "." + setting, Policy.class, byDefault));
        }
        return new HangUpConfig(byProvider, settings.integer("gateway.drain.max-concurrent", 100, 0, 1_000_000));
    }

    Policy of(String provider) {
        return byProvider.getOrDefault(provider, Policy.CANCEL);
    }
}
