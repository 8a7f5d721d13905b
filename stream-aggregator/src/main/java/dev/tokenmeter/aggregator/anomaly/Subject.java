package dev.tokenmeter.aggregator.anomaly;

import java.util.Map;

/**
 * Whose figures a rule looks at: all of a tenant's, or those with one value of one dimension.
 *
 * @param dimension name of the dimension; {@value #TENANT} for all of the tenant's
 * @param value its value; the tenant itself for all
 */
public record Subject(String tenant, String dimension, String value) {
    static final String TENANT = "tenant";

    static Subject of(String tenant) {
        return new Subject(tenant, TENANT, tenant);
    }

    boolean isTenant() {
        return dimension.equals(TENANT);
    }

    /** By name, the tenant among them. */
    Map<String, String> dimensions() {
        return isTenant() ? Map.of(TENANT, tenant) : Map.of(TENANT, tenant, dimension, value);
    }
}
