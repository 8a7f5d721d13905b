package dev.tokenmeter.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SettingsTest {
    @TempDir
    private Path folder;

    @Test
    void theEnvironmentWinsOverTheFileAndTheCommandLineOverBoth() throws IOException {
        Path file = file("""
                providers:
                  openai:
                    base-url: http://file
                gateway:
                  port: 1
                  host: a
                """);
        Settings settings = Settings.load(
                file,
                Map.of("TOKENMETER_PROVIDERS_OPENAI_BASE_URL", "http://environment", "TOKENMETER_GATEWAY_PORT", "2"),
                Map.of("gateway.port", "3"));
        assertThat(settings.required("providers.openai.base-url")).isEqualTo("http://environment");
        assertThat(settings.port("gateway.port", 0)).isEqualTo(3);
        assertThat(settings.string("gateway.host", "b")).isEqualTo("a");
    }

    @Test
    void namesBelowAPrefixAreListed() throws IOException {
        Settings settings = Settings.load(file("""
                        providers:
                          openai: {base-url: "http://a"}
                          my-vllm: {base-url: "http://b"}
                        kafka:
                          bootstrap.servers: localhost:1
                        """), Map.of("TOKENMETER_PROVIDERS_OPENAI_API_KEY", "k"), Map.of());
        assertThat(settings.names("providers")).containsExactly("my-vllm", "openai");
        assertThat(settings.map("kafka")).containsEntry("bootstrap.servers", "localhost:1");
    }

    @Test
    void aKeyWithDotsOfItsOwnMayBeNestedOrOnOneLine() throws IOException {
        Settings settings = Settings.load(file("""
                        stream-aggregator:
                          application.id: one
                          commit:
                            interval:
                              ms: 7
                          dimension-groups:
                            detail: [tenant, model]
                        """), Map.of(), Map.of());
        assertThat(settings.required("stream-aggregator.application.id")).isEqualTo("one");
        assertThat(settings.number("stream-aggregator.commit.interval.ms", 1, 0, 9))
                .isEqualTo(7);
        assertThat(settings.names("stream-aggregator.dimension-groups")).containsExactly("detail");
        assertThat(settings.list("stream-aggregator.dimension-groups.detail")).containsExactly("tenant", "model");
        settings.rejectUnknown(Set.of("stream-aggregator"));
    }

    @Test
    void defaultsHoldOnlyWhereNothingElseIsSet() throws IOException {
        Settings settings =
                Settings.load(file("a: file"), Map.of(), Map.of()).withDefaults(Map.of("a", "default", "b", "default"));
        assertThat(settings.required("a")).isEqualTo("file");
        assertThat(settings.required("b")).isEqualTo("default");
    }

    @Test
    void aWrongValueIsNamedWithWhatIsAllowed() {
        Settings settings = Settings.of(Map.of("gateway.port", "70000", "a.b", "soon", "c", "ftp://x", "d", "yes"));
        assertThatThrownBy(() -> settings.port("gateway.port", 1))
                .isInstanceOf(SettingException.class)
                .hasMessage("setting gateway.port (environment TOKENMETER_GATEWAY_PORT): found 70000; allowed: "
                        + "a whole number from 0 to 65535");
        assertThatThrownBy(() -> settings.duration("a.b", Duration.ZERO)).hasMessageContaining("found 'soon'");
        assertThatThrownBy(() -> settings.url("c")).hasMessageContaining("an absolute http or https URL");
        assertThatThrownBy(() -> settings.bool("d", true)).hasMessageContaining("true or false");
        assertThatThrownBy(() -> settings.required("e")).hasMessageContaining("not set");
    }

    @Test
    void durationsAreReadInTheUnitsPeopleWrite() {
        Settings settings = Settings.of(Map.of("a", "500ms", "b", "7d", "c", "PT5M"));
        assertThat(settings.duration("a", Duration.ZERO)).isEqualTo(Duration.ofMillis(500));
        assertThat(settings.duration("b", Duration.ZERO)).isEqualTo(Duration.ofDays(7));
        assertThat(settings.duration("c", Duration.ZERO)).isEqualTo(Duration.ofMinutes(5));
    }

    @Test
    void aMisspeltSettingIsRefusedInSectionsThatThisProcessReads() throws IOException {
        Settings settings = Settings.load(file("gateway:\n  prot: 1\nother:\n  x: 1\n"), Map.of(), Map.of());
        settings.port("gateway.port", 8080);
        assertThatThrownBy(() -> settings.rejectUnknown(Set.of("gateway")))
                .isInstanceOf(SettingException.class)
                .hasMessageContaining("gateway.prot")
                .hasMessageContaining("no such setting");
    }

    @Test
    void theEntriesOfAListAreReadByTheirPlaces() throws IOException {
        Settings settings = Settings.load(file("""
                alerting:
                  routes:
                    - {to: a, if: [x, "y,z"]}
                    - to: b
                      routes:
                        - to: c
                """), Map.of(), Map.of());
        assertThat(settings.entries("alerting.routes")).containsExactly("alerting.routes[0]", "alerting.routes[1]");
        assertThat(settings.entries("alerting.routes[1].routes")).containsExactly("alerting.routes[1].routes[0]");
        assertThat(settings.entries("alerting.routes[0].routes")).isEmpty();
        assertThat(settings.list("alerting.routes[0].if")).containsExactly("x", "y,z");
        assertThatThrownBy(() -> settings.rejectUnknown(Set.of("alerting")))
                .isInstanceOf(SettingException.class)
                .hasMessageContaining("alerting.routes[");
        settings.required("alerting.routes[0].to");
        settings.required("alerting.routes[1].to");
        settings.required("alerting.routes[1].routes[0].to");
        settings.rejectUnknown(Set.of("alerting"));
    }

    @Test
    void aVariableThatNoSettingClaimsIsRefusedToo() {
        Settings settings = Settings.load(
                null,
                Map.of("TOKENMETER_QUERY_API_TOKENS_OPS_SHA256", "ab", "TOKENMETER_GATEWAY_X", "1", "HOME", "/root"),
                Map.of());
        settings.names("query-api.tokens");
        settings.rejectUnknown(Set.of("storage"));
        assertThatThrownBy(() -> settings.rejectUnknown(Set.of("query-api")))
                .isInstanceOf(SettingException.class)
                .hasMessageContaining("TOKENMETER_QUERY_API_TOKENS_OPS_SHA256");
    }

    @Test
    void aFileThatIsNotYamlIsNamed() throws IOException {
        Path broken = file("a: [");
        assertThatThrownBy(() -> Settings.load(broken, Map.of(), Map.of()))
                .isInstanceOf(SettingException.class)
                .hasMessageContaining("settings.yaml");
        assertThatThrownBy(() -> Settings.load(folder.resolve("none"), Map.of(), Map.of()))
                .hasMessageContaining("cannot read");
    }

    private Path file(String yaml) throws IOException {
        return Files.writeString(folder.resolve("settings.yaml"), yaml);
    }
}
