package dev.tokenmeter.service;

import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.Map;

/**
 * What is known of tenants by settings: section {@code tenants}. A tenant that no setting names has the defaults. Immutable.
 *
 * @param timeZone of tenants that have none of their own
 * @param timeZones by tenant
 */
public record TenantSettings(ZoneId timeZone, Map<String, ZoneId> timeZones) {
    /** The section. */
    public static final String SECTION = "tenants";

    /** Every tenant in UTC. */
    public static final TenantSettings DEFAULT = new TenantSettings(ZoneOffset.UTC, Map.of());

    private static final String TIME_ZONE = "time-zone";

    public TenantSettings {
        timeZones = Map.copyOf(timeZones);
    }

    /**
     * Reads {@code tenants.time-zone} and {@code tenants.<name>.time-zone}.
     *
     * @throws SettingException if a zone is none of the IANA's
     */
    public static TenantSettings from(Settings settings) {
        Map<String, ZoneId> zones = new HashMap<>();
        for (String tenant : settings.names(SECTION, TIME_ZONE)) {
            String key = SECTION + "." + tenant + "." + TIME_ZONE;
            settings.optional(key).ifPresent(name -> zones.put(tenant, zone(key, name)));
        }
        String key = SECTION + "." + TIME_ZONE;
        return new TenantSettings(
                settings.optional(key).map(name -> zone(key, name)).orElse(ZoneOffset.UTC), zones);
    }

    /** By whose clocks the tenant's days and months begin. */
    public ZoneId zone(String tenant) {
        return timeZones.getOrDefault(tenant, timeZone);
    }

    private static ZoneId zone(String key, String name) {
        String stripped = name.strip();
        if (stripped.equals("UTC")) {
            return ZoneOffset.UTC;
        }
        if (ZoneId.getAvailableZoneIds().contains(stripped)) {
            return ZoneId.of(stripped);
        }
        throw new SettingException(
                key, "found '" + name + "'", "a time zone of the IANA such as Europe/Berlin, or UTC");
    }
}
