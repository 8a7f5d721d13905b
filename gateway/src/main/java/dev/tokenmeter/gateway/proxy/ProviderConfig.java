package dev.tokenmeter.gateway.proxy;

import dev.tokenmeter.gateway.dialect.Dialect;
import dev.tokenmeter.gateway.upstream.BreakerConfig;
import dev.tokenmeter.gateway.upstream.ConnectionConfig;
import dev.tokenmeter.gateway.upstream.ProviderKey;
import dev.tokenmeter.gateway.upstream.RetryConfig;
import dev.tokenmeter.gateway.upstream.UpstreamConfig;
import dev.tokenmeter.service.SettingException;
import dev.tokenmeter.service.Settings;
import java.net.URI;
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
 * @param dialect how it speaks
 * @param region region or data residency that its addresses are billed by, where answers name none; null for none
 * @param upstreams its addresses; at least one
 * @param keys the keys for calls with virtual keys; may be none
 * @param headers to send with every call, by name; values may be secrets
 * @param passThrough whether callers may use a key of their own, or none: by default not where the gateway adds what may be
 *     credentials, headers or a client certificate
 * @param injectStreamOptions whether to ask for usage in streams whose caller did not
 * @param connections how to connect
 * @param firstByteTimeout from the request's last byte to the head of the answer
 * @param idleTimeout longest silence within an answer, and longest time a client may take none of it
 * @param totalTimeout from the call's arrival to the answer's end; null for no bound
 * @param retry when a call is tried again
 * @param breaker when an address is taken out of use
 * @param fallback names of the providers, in order, that calls with virtual keys go to when this one fails
 * @param fallbackModels names that models asked for elsewhere have here, by the name asked for
 */
public record ProviderConfig(
        String name,
        Dialect dialect,
        String region,
        List<UpstreamConfig> upstreams,
        List<ProviderKey> keys,
        Map<String, String> headers,
        boolean passThrough,
        boolean injectStreamOptions,
        ConnectionConfig connections,
        Duration firstByteTimeout,
        Duration idleTimeout,
        Duration totalTimeout,
        RetryConfig retry,
        BreakerConfig breaker,
        List<String> fallback,
        Map<String, String> fallbackModels) {
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
            "openrouter", new BuiltIn("https://openrouter.ai/api/v1", "openai"),
            "cohere", new BuiltIn("https://api.cohere.com", "cohere"),
            "azure", new BuiltIn(null, "azure")); // its address is the user's own resource

    /** Reads {@code providers.*}: the built-in ones and all that the file names. */
    public static List<ProviderConfig> allFrom(Settings settings) {
        TreeSet<String> names = new TreeSet<>();
        BUILT_IN.forEach((name, builtIn) -> {
            if (builtIn.baseUrl != null) {
                names.add(name);
            }
        });
        names.addAll(settings.names("providers"));
        List<ProviderConfig> all =
                names.stream().map(name -> from(settings, name)).toList();
        Map<String, ProviderConfig> byName = byName(all);
        all.forEach(provider -> provider.checkFallback(byName));
        return all;
    }

    private static ProviderConfig from(Settings settings, String name) {
        String prefix = "providers." + name + ".";
        if (!name.matches("[a-z0-9][a-z0-9_-]*") || name.equals("health")) {
            throw new SettingException(
                    prefix + "base-url", "provider '" + name + "'", "lower-case letters, digits, - and _");
        }
        Optional<BuiltIn> builtIn = Optional.ofNullable(BUILT_IN.get(name));
        URI builtInUrl =
                builtIn.map(provider -> provider.baseUrl).map(URI::create).orElse(null);
        Dialect dialect = dialect(
                prefix + "dialect",
                settings.string(
                        prefix + "dialect", builtIn.map(BuiltIn::dialect).orElse("openai")));
        List<UpstreamConfig> upstreams = UpstreamConfig.allFrom(settings, prefix, builtInUrl);
        List<ProviderKey> keys = ProviderKey.allFrom(settings, prefix);
        List<String> fallback = settings.list(prefix + "fallback").stream()
                .map(String::strip)
                .filter(entry -> !entry.isEmpty())
                .toList();
        Map<String, String> headers = headers(settings, prefix + "headers");
        ConnectionConfig connections = ConnectionConfig.from(settings, prefix);
        boolean addsNothing = headers.isEmpty() && connections.tls().certificateFile() == null;
        boolean choice = upstreams.size() > 1 || keys.size() > 1 || !fallback.isEmpty();
        return new ProviderConfig(
                name,
                dialect,
                region(settings, prefix + "region"),
                upstreams,
                keys,
                headers,
                settings.bool(prefix + "pass-through", addsNothing),
                settings.bool(
                        prefix + "inject-stream-options",
                        builtIn.map(BuiltIn::injectStreamOptions).orElse(true)),
                connections,
                settings.duration(prefix + "first-byte-timeout", Duration.ofMinutes(15)),
                settings.duration(prefix + "idle-timeout", Duration.ofMinutes(5)),
                settings.duration(prefix + "total-timeout", null),
                RetryConfig.from(settings, prefix, choice),
                BreakerConfig.from(settings, prefix),
                fallback,
                Map.copyOf(settings.map(prefix + "fallback-models")));
    }

    private static Dialect dialect(String setting, String name) {
        try {
            return Dialect.named(name);
        } catch (IllegalArgumentException e) {
            throw new SettingException(setting, "found '" + name + "'", String.join(", ", Dialect.NAMES));
        }
    }

    private static String region(Settings settings, String setting) {
        Optional<String> region = settings.optional(setting);
        region.filter(name -> !name.matches("[a-z0-9][a-z0-9-]{0,63}")).ifPresent(name -> {
            throw new SettingException(setting, "found '" + name + "'", "lower-case letters, digits and -, at most 64");
        });
        return region.orElse(null);
    }

    private static Map<String, String> headers(Settings settings, String prefix) {
        Map<String, String> headers = settings.map(prefix);
        headers.forEach((name, value) -> {
            if (!name.matches("[A-Za-z0-9!#$%&'*+.^_`|~-]+") || Headers.isOfConnection(name)) {
                String allowed = "a header's name, but none that belongs to the connection";
                throw new SettingException(prefix + "." + name, "header '" + name + "'", allowed);
            }
            if (!value.matches("[\\t\\x20-\\x7e]*")) {
                throw new SettingException(prefix + "." + name, "a value beyond ASCII", "visible ASCII and spaces");
            }
        });
        return Map.copyOf(headers);
    }

    private void checkFallback(Map<String, ProviderConfig> all) {
        for (String other : fallback) {
            String setting = "providers." + name + ".fallback";
            ProviderConfig provider = all.get(other);
            if (provider == null || other.equals(name)) {
                throw new SettingException(setting, "found '" + other + "'", "names of other providers");
            }
            if (!provider.dialect.name().equals(dialect.name())) {
                String found = other + " speaks " + provider.dialect.name();
                throw new SettingException(setting, found, "providers of the same dialect, " + dialect.name());
            }
        }
    }

    /** A key by its id; empty when there is none. */
    public Optional<ProviderKey> key(String id) {
        return keys.stream().filter(key -> key.id().equals(id)).findFirst();
    }

    /**
     * Whether calls with virtual keys can be served.
     *
     * @param keyId the key that they must go out with; null for any
     */
    boolean hasKey(String keyId) {
        boolean shared = upstreams.stream().anyMatch(upstream -> upstream.key() == null);
        return keyId == null ? hasKey() : shared && key(keyId).isPresent();
    }

    /** Whether calls with virtual keys can be served with any key. */
    boolean hasKey() {
        return !keys.isEmpty() || upstreams.stream().anyMatch(upstream -> upstream.key() != null);
    }

    /**
     * Whether the names that an app gives itself are for this provider.
     *
     * @see <a href="https://openrouter.ai/docs/app-attribution">OpenRouter's app attribution</a>
     */
    boolean wantsAppNames() {
        return name.equals("openrouter") || upstreams.get(0).baseUrl().getHost().endsWith("openrouter.ai");
    }

    @Override
    public String toString() {
        return "ProviderConfig[" + name + ", " + upstreams + ", " + dialect.name() + "]";
    }

    /** The providers by name. */
    static Map<String, ProviderConfig> byName(List<ProviderConfig> providers) {
        Map<String, ProviderConfig> byName = new TreeMap<>();
        providers.forEach(provider -> byName.put(provider.name, provider));
        return byName;
    }
}
