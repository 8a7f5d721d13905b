package dev.tokenmeter.aggregator;

import java.time.LocalDate;

/**
 * A tenant's spend on a day (UTC) is another now.
 *
 * @param knownSince the tenant's first day with data before the change, or the day itself if there was none
 */
record DayChange(String tenant, LocalDate day, LocalDate knownSince) {
    static TenantKey key(String tenant, LocalDate day) {
        return TenantKey.of(tenant, day.toString());
    }
}
