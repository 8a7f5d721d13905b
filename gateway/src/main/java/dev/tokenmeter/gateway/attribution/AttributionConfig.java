package dev.tokenmeter.gateway.attribution;

import dev.tokenmeter.schemas.TagRules;
import dev.tokenmeter.service.Settings;
import java.util.Set;

/**
 * How calls are attributed.
 *
 * @param passThrough whether callers may bring the provider's own key
 * @param passThroughTenant who pays for calls made with such a key
 * @param passThroughKeys bound on the callers' own keys that are told apart
 * @param tags bounds on tags
 * @param whenInvalid what becomes of a call with tags that cannot be used
 * @param vendors whose headers and fields are read besides our own
 * @param hashEndUsers whether the end user's name is hashed before it is stored
 */
public record AttributionConfig(
        boolean passThrough,
        String passThroughTenant,
        int passThroughKeys,
        TagRules tags,
        WhenInvalid whenInvalid,
        Set<Vendor> vendors,
        boolean hashEndUsers) {
    /** What becomes of a call with tags that cannot be used. */
    public enum WhenInvalid {
        /** It is answered with a 400 that says which. */
        REFUSE,
        /** It passes without them, and they are counted. */
        DROP
    }

    /** Reads {@code gateway.pass-through.*}, {@code gateway.tags.*}, {@code gateway.attribution.*}, {@code gateway.hash-end-users}. */
    public static AttributionConfig from(Settings settings) {
        return new AttributionConfig(
                settings.bool("gateway.pass-through.enabled", true),
                settings.string("gateway.pass-through.tenant", "default"),
                settings.integer("gateway.pass-through.max-keys", 10_000, 0, 10_000_000),
                tagRules(settings),
                settings.oneOf("gateway.tags.when-invalid", WhenInvalid.class, WhenInvalid.REFUSE),
                Vendor.allFrom(settings),
                settings.bool("gateway.hash-end-users", true));
    }

    private static TagRules tagRules(Settings settings) {
        TagRules byDefault = TagRules.DEFAULT;
        return new TagRules(
                settings.integer("gateway.tags.max-count", byDefault.maxCount(), 0, 100),
                settings.integer("gateway.tags.max-name-length", byDefault.maxNameLength(), 1, 256),
                settings.integer("gateway.tags.max-value-length", byDefault.maxValueLength(), 1, 1024));
    }
}
