package dev.tokenmeter.gateway.attribution;

import dev.tokenmeter.service.Settings;

/**
 * Bounds on the tags of one call; tags become dimensions of every rollup.
 *
 * @param maxCount tags a call
 * @param maxNameLength characters of a name
 * @param maxValueLength characters of a value
 */
public record TagLimits(int maxCount, int maxNameLength, int maxValueLength) {
    static TagLimits from(Settings settings) {
        return new TagLimits(
                settings.integer("gateway.tags.max-count", 16, 0, 100),
                settings.integer("gateway.tags.max-name-length", 64, 1, 256),
                settings.integer("gateway.tags.max-value-length", 256, 1, 1024));
    }
}
