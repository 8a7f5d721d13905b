package dev.tokenmeter.gateway.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tokenmeter.gateway.upstream.ConnectionConfig;
import dev.tokenmeter.gateway.upstream.ProviderKey;
import dev.tokenmeter.gateway.upstream.UpstreamConfig;
import dev.tokenmeter.service.SettingException;
import dev.tokenmeter.service.Settings;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProviderConfigTest {
    private static ProviderConfig provider(String name, String... settings) {
        Map<String, String> all = new HashMap<>();
        for (int i = 0; i < settings.length; i += 2) {
            all.put("providers." + name + "." + settings[i], settings[i + 1]);
        }
        return ProviderConfig.byName(ProviderConfig.allFrom(Settings.of(all))).get(name);
    }

    @Test
    void aBuiltInProviderNeedsNoSetting() {
        ProviderConfig openai = provider("openai");
        assertThat(openai.upstreams())
                .containsExactly(new UpstreamConfig("default", URI.create("https://api.openai.com/v1"), 1, null));
        assertThat(openai.hasKey()).isFalse();
        assertThat(openai.totalTimeout()).isNull();
        assertThat(openai.region()).isNull();
        assertThat(openai.connections().http2()).isEqualTo(ConnectionConfig.Http2.AUTO);
        assertThat(openai.connections().maxWaiting())
                .isEqualTo(openai.connections().maxConnections());
    }

    @Test
    void everySettingIsRead(@TempDir Path dir) throws Exception {
        Path key = Files.writeString(dir.resolve("key"), "sk-file\n");
        ProviderConfig vllm = provider(
                "vllm",
                "upstreams.a.base-url",
                "http://a:8000/v1/",
                "upstreams.a.weight",
                "0",
                "upstreams.b.base-url",
                "https://b",
                "upstreams.b.api-key",
                "sk-b",
                "keys.one.api-key-file",
                key.toString(),
                "keys.one.weight",
                "3",
                "keys.two.api-key",
                "sk-two",
                "headers.OpenAI-Organization",
                "org-1",
                "region",
                "eu",
                "connect-timeout",
                "1s",
                "first-byte-timeout",
                "2s",
                "idle-timeout",
                "3s",
                "total-timeout",
                "4s",
                "http2",
                "prior-knowledge",
                "max-connections",
                "7",
                "max-waiting",
                "5");
        assertThat(vllm.upstreams())
                .containsExactly(
                        new UpstreamConfig("a", URI.create("http://a:8000/v1"), 0, null),
                        new UpstreamConfig("b", URI.create("https://b"), 1, new ProviderKey("upstream.b", "sk-b", 1)));
        assertThat(vllm.keys())
                .containsExactly(new ProviderKey("one", "sk-file", 3), new ProviderKey("two", "sk-two", 1));
        assertThat(vllm.key("two")).map(ProviderKey::secret).hasValue("sk-two");
        assertThat(vllm.key("three")).isEmpty();
        assertThat(vllm.headers()).isEqualTo(Map.of("OpenAI-Organization", "org-1"));
        assertThat(vllm.region()).isEqualTo("eu");
        assertThat(vllm.firstByteTimeout()).isEqualTo(Duration.ofSeconds(2));
        assertThat(vllm.idleTimeout()).isEqualTo(Duration.ofSeconds(3));
        assertThat(vllm.totalTimeout()).isEqualTo(Duration.ofSeconds(4));
        ConnectionConfig connections = vllm.connections();
        assertThat(connections.connectTimeout()).isEqualTo(Duration.ofSeconds(1));
        assertThat(connections.http2()).isEqualTo(ConnectionConfig.Http2.PRIOR_KNOWLEDGE);
        assertThat(connections.maxConnections()).isEqualTo(7);
        assertThat(connections.maxWaiting()).isEqualTo(5);
        assertThat(vllm.toString() + vllm.keys() + vllm.upstreams()).doesNotContain("sk-");
    }

    @ParameterizedTest(name = "{0} = {1}")
    @CsvSource({
        "upstreams.a.weight, 1, providers.x.upstreams.a.base-url",
        "upstreams.A.base-url, http://a, providers.x.upstreams.A.base-url",
        "keys.one.weight, 1, providers.x.keys.one.api-key",
        "headers.Connection, close, providers.x.headers.Connection",
        "headers.Content-Length, 5, providers.x.headers.Content-Length",
        "http2, sometimes, providers.x.http2",
        "region, EU West, providers.x.region",
        "max-waiting, 0, providers.x.max-waiting",
        "tls.ca-file, /nowhere, providers.x.tls.ca-file",
        "tls.trust-store, /nowhere, providers.x.tls.trust-store",
        "tls.client-key-file, /nowhere, providers.x.tls.client-certificate-file",
    })
    void aWrongSettingIsNamed(String key, String value, String named) {
        assertThatThrownBy(() -> provider(
                        "x",
                        key,
                        value,
                        key.startsWith("upstreams") ? "dialect" : "base-url",
                        key.startsWith("upstreams") ? "openai" : "http://x"))
                .isInstanceOf(SettingException.class)
                .hasMessageContaining(named);
    }

    @Test
    void theSimpleFormAndTheListExcludeEachOther() {
        assertThatThrownBy(() -> provider("x", "base-url", "http://x", "upstreams.a.base-url", "http://a"))
                .hasMessageContaining("providers.x.upstreams");
        assertThatThrownBy(() -> provider("x", "base-url", "http://x", "api-key", "1", "keys.a.api-key", "2"))
                .hasMessageContaining("providers.x.keys");
    }
}
