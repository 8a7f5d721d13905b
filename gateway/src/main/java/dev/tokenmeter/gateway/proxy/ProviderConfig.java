package dev.tokenmeter.gateway.proxy;

import dev.tokenmeter.gateway.dialect.Dialect;
import dev.tokenmeter.service.SettingException;
import dev.tokenmeter.service.Settings;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * One provider of the settings.
 *
 * @param name as in the settings; also the first segment of the gateway's paths and the event's {@code provider}
 * @param baseUrl where its API is
 * @param dialect how it speaks
 * @param apiKey the key for calls with virtual keys; null when there is none; never to be logged
 * @param injectStreamOptions whether to ask for usage in streams whose caller did not
 * @param connectTimeout for a connection, its wait in the pool included
 * @param firstByteTimeout from the request's last byte to the head of the answer
 * @param idleTimeout longest silence within an answer, and longest time a client may take none of it
 * @param maxConnections bound on connections, all event loops together
 */
public record ProviderConfig(
        String name,
        URI baseUrl,
        Dialect dialect,
        String apiKey,
        boolean injectStreamOptions,
        Duration connectTimeout,
        Duration firstByteTimeout,
        Duration idleTimeout,
        int maxConnections) {
    private record BuiltIn(String baseUrl, String dialect, boolean injectStreamOptions) {
        BuiltIn(String baseUrl, String dialect) {
            this(baseUrl, dialect, true);
        }
    }

    private static final Map<String, BuiltIn> BUILT_IN = Map.of(
            "openai", new BuiltIn("https://api.openai.com/v1", "openai"),
            "anthropic", new BuiltIn("https://api.anthropic.com", "anthropic"),
            "deepseek", new BuiltIn("https://api.deepseek.com", "openai"),
            "gemini", new BuiltIn("https://generativelanguage.googleapis.com", "gemini"),
            "mistral",
                    new BuiltIn("https://api.mistral.ai/v1", "openai", false), // sends usage unasked, may reject asking
            "groq", new BuiltIn("https://api.groq.com/openai/v1", "openai"),
            "xai", new BuiltIn("https://api.x.ai/v1", "openai"),
            "openrouter", new BuiltIn("https://openrouter.ai/api/v1", "openai"));

    /** Reads {@code providers.*}: the built-in ones and all that the file names. */
    public static List<ProviderConfig> allFrom(Settings settings) {
        TreeSet<String> names = new TreeSet<>(BUILT_IN.keySet());
        names.addAll(settings.names("providers"));
        return names.stream().map(name -> from(settings, name)).toList();
    }

    private static ProviderConfig from(Settings settings, String name) {
        String prefix = "providers." + name + ".";
        if (!name.matches("[a-z0-9][a-z0-9_-]*") || name.equals("health")) {
            throw new SettingException(
                    prefix + "base-url", "provider '" + name + "'", "lower-case letters, digits, - and _");
        }
        Optional<BuiltIn> builtIn = Optional.ofNullable(BUILT_IN.get(name));
        URI baseUrl = settings.url(prefix + "base-url")
                .or(() -> builtIn.map(provider -> URI.create(provider.baseUrl)))
                .orElseThrow(() -> new SettingException(prefix + "base-url", "not set", "an http or https URL"));
        Dialect dialect = dialect(
                prefix + "dialect",
                settings.string(
                        prefix + "dialect", builtIn.map(BuiltIn::dialect).orElse("openai")));
        return new ProviderConfig(
                name,
                baseUrl,
                dialect,
                apiKey(settings, prefix),
                settings.bool(
                        prefix + "inject-stream-options",
                        builtIn.map(BuiltIn::injectStreamOptions).orElse(true)),
                settings.duration(prefix + "connect-timeout", Duration.ofSeconds(10)),
                settings.duration(prefix + "first-byte-timeout", Duration.ofMinutes(15)),
                settings.duration(prefix + "idle-timeout", Duration.ofMinutes(5)),
                settings.integer(prefix + "max-connections", 2048, 1, 100_000));
    }

    private static Dialect dialect(String setting, String name) {
        try {
            return Dialect.named(name);
        } catch (IllegalArgumentException e) {
            throw new SettingException(setting, "found '" + name + "'", "openai, anthropic, gemini");
        }
    }

    private static String apiKey(Settings settings, String prefix) {
        Optional<String> file = settings.optional(prefix + "api-key-file");
        Optional<String> key = settings.optional(prefix + "api-key");
        if (key.isPresent() || file.isEmpty()) {
            return key.map(String::strip).orElse(null);
        }
        try {
            return Files.readString(Path.of(file.get())).strip();
        } catch (IOException e) {
            throw new SettingException(prefix + "api-key-file", "cannot read " + file.get(), "a readable file");
        }
    }

    /**
     * Whether the names that an app gives itself are for this provider.
     *
     * @see <a href="https://openrouter.ai/docs/app-attribution">OpenRouter's app attribution</a>
     */
    boolean wantsAppNames() {
        return name.equals("openrouter") || baseUrl.getHost().endsWith("openrouter.ai");
    }

    @Override
    public String toString() {
        return "ProviderConfig[" + name + ", " + baseUrl + ", " + dialect.name() + "]";
    }

    /** The providers by name. */
    static Map<String, ProviderConfig> byName(List<ProviderConfig> providers) {
        Map<String, ProviderConfig> byName = new TreeMap<>();
        providers.forEach(provider -> byName.put(provider.name, provider));
        return byName;
    }
}
