package dev.tokenmeter.aggregator;

import java.util.List;

/**
 * Dimensions that are rolled up together.
 *
 * @param name as in the settings; stands in every rollup
 * @param dimensions in the order of the settings, which is also their order in rollup keys
 */
record DimensionGroup(String name, List<Dimension> dimensions) {
    /** The group that budgets and anomaly rules live on. */
    static final String TENANT = "tenant";

    DimensionGroup {
        dimensions = List.copyOf(dimensions);
    }

    List<String> names() {
        return dimensions.stream().map(Dimension::name).toList();
    }

    static DimensionGroup of(String name, List<String> dimensions) {
        return new DimensionGroup(
                name, dimensions.stream().map(Dimension::named).toList());
    }
}
