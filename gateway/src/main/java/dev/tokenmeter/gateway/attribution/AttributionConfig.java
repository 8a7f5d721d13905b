package dev.tokenmeter.gateway.attribution;

import dev.tokenmeter.service.Settings;

/**
 * How calls are attributed.
 *
 * @param passThrough whether callers may bring the provider's own key
 * @param passThroughTenant who pays for calls made with such a key
 * @param tags bounds on tags
 * @param hashEndUsers whether the end user's name is hashed before it is stored
 */
public record AttributionConfig(boolean passThrough, String passThroughTenant, TagLimits tags, boolean hashEndUsers) {
    /** Reads {@code gateway.pass-through.*}, {@code gateway.tags.*}, {@code gateway.hash-end-users}. */
    public static AttributionConfig from(Settings settings) {
        return new AttributionConfig(
                settings.bool("gateway.pass-through.enabled", true),
                settings.string("gateway.pass-through.tenant", "default"),
                TagLimits.from(settings),
                settings.bool("gateway.hash-end-users", true));
    }
}
