package dev.tokenmeter.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.ZoneId;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TenantSettingsTest {
    @TempDir
    private Path folder;

    @Test
    void aTenantHasItsOwnZoneOrTheCommonOneOrUtc() throws Exception {
        Settings settings = settings("""
                tenants:
                  time-zone: Europe/Berlin
                  acme: {time-zone: Asia/Kolkata}
                  "acme.example": {time-zone: America/St_Johns}
                """);
        TenantSettings tenants = TenantSettings.from(settings);
        assertThat(tenants.zone("acme")).isEqualTo(ZoneId.of("Asia/Kolkata"));
        assertThat(tenants.zone("acme.example")).isEqualTo(ZoneId.of("America/St_Johns"));
        assertThat(tenants.zone("globex")).isEqualTo(ZoneId.of("Europe/Berlin"));
        assertThat(TenantSettings.from(Settings.of(Map.of())).zone("acme").getId())
                .isEqualTo(TenantSettings.DEFAULT.zone("acme").getId())
                .isEqualTo("Z");
        settings.rejectUnknown(Set.of(TenantSettings.SECTION));
    }

    @Test
    void aZoneThatIsNoneIsNamedWithItsTenant() {
        assertThatThrownBy(() -> TenantSettings.from(Settings.of(Map.of("tenants.acme.time-zone", "Berlin"))))
                .isInstanceOf(SettingException.class)
                .hasMessageContaining("tenants.acme.time-zone")
                .hasMessageContaining("'Berlin'")
                .hasMessageContaining("Europe/Berlin");
        assertThatThrownBy(() -> TenantSettings.from(Settings.of(Map.of("tenants.time-zone", "+25"))))
                .hasMessageContaining("tenants.time-zone");
    }

    @Test
    void aMisspeltSettingOfATenantIsRefused() throws Exception {
        Settings settings = settings("tenants:\n  acme: {timezone: Asia/Kolkata}\n");
        TenantSettings.from(settings);
        assertThatThrownBy(() -> settings.rejectUnknown(Set.of(TenantSettings.SECTION)))
                .hasMessageContaining("tenants.acme.timezone");
    }

    private Settings settings(String yaml) throws Exception {
        return Settings.load(Files.writeString(folder.resolve("settings.yaml"), yaml), Map.of(), Map.of());
    }
}
