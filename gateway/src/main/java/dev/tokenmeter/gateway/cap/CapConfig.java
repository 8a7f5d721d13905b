package dev.tokenmeter.gateway.cap;

import dev.tokenmeter.schemas.budget.BudgetDimensions;
import dev.tokenmeter.service.BudgetSettings;
import dev.tokenmeter.service.Settings;

/**
 * Settings of the caps.
 *
 * @param defaultOutputTokens output tokens reserved for a request that names no limit of its own
 * @param whenUnknown what to do until budgets and their spend have been read
 * @param dimensions by which budgets may be limited to some of a tenant's calls
 */
public record CapConfig(int defaultOutputTokens, WhenUnknown whenUnknown, BudgetDimensions dimensions) {
    /** What to do with billed calls until budgets and their spend have been read. */
    public enum WhenUnknown {
        /** Not ready; calls with virtual keys get 503. Callers with their provider's own key pass, as ever. */
        WAIT,
        /** Ready; calls pass unchecked. */
        OPEN,
        /** Not ready; all billed calls get 503. */
        CLOSED
    }

    /** Reads {@code gateway.caps.*} and {@code budgets.dimensions}. */
    public static CapConfig from(Settings settings) {
        return new CapConfig(
                settings.integer("gateway.caps.default-output-tokens", 4096, 0, 10_000_000),
                settings.oneOf("gateway.caps.when-unknown", WhenUnknown.class, WhenUnknown.WAIT),
                BudgetSettings.dimensions(settings));
    }
}
