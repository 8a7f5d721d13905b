package dev.tokenmeter.aggregator;

import java.math.BigDecimal;
import java.time.LocalDate;

/**
 * What a tenant has spent on a day (UTC) by now.
 *
 * @param spentUsd known cost, USD
 */
record DaySpend(String tenant, LocalDate day, BigDecimal spentUsd) {
    static TenantKey key(String tenant, LocalDate day) {
        return TenantKey.of(tenant, day.toString());
    }
}
