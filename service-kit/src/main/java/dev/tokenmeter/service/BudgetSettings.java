package dev.tokenmeter.service;

import dev.tokenmeter.schemas.budget.BudgetDimensions;
import java.util.List;
import java.util.Set;

/** What the services that deal with budgets have to agree on: section {@code budgets} of the settings. */
public final class BudgetSettings {
    /** The section. */
    public static final String SECTION = "budgets";

    private static final String DIMENSIONS = SECTION + ".dimensions";

    private BudgetSettings() {}

    /**
     * Reads {@code budgets.dimensions}, by which budgets may be limited to some of a tenant's calls.
     *
     * @throws SettingException if one does not exist or there are too many
     */
    public static BudgetDimensions dimensions(Settings settings) {
        List<String> names = settings.list(DIMENSIONS);
        if (names.isEmpty()) {
            return BudgetDimensions.DEFAULT;
        }
        if (names.size() > BudgetDimensions.MOST || Set.copyOf(names).size() < names.size()) {
            throw new SettingException(
                    DIMENSIONS, "found " + names, "up to " + BudgetDimensions.MOST + " different dimensions");
        }
        for (String name : names) {
            if (!BudgetDimensions.exists(name)) {
                throw new SettingException(DIMENSIONS, "found '" + name + "'", BudgetDimensions.ALLOWED);
            }
        }
        return new BudgetDimensions(names);
    }
}
