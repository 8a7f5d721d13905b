package dev.tokenmeter.service;

import io.smallrye.config.EnvConfigSource;
import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfig;
import io.smallrye.config.SmallRyeConfigBuilder;
import io.smallrye.config.source.yaml.YamlConfigSource;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Settings from, in rising order of precedence: one YAML file, the environment, and overrides from the command line.
 *
 * <p>A key {@code providers.openai.base-url} is the environment variable {@code TOKENMETER_PROVIDERS_OPENAI_BASE_URL}.
 * Each service turns this into its own typed record at start; every accessor fails with {@link SettingException} rather
 * than guess. Immutable but for the set of keys that were asked for, from which {@link #rejectUnknown} finds typing
 * errors. Safe for use by several threads.
 */
public final class Settings {
    private static final String ENVIRONMENT_PREFIX = "TOKENMETER_";

    private final SmallRyeConfig config;
    private final Set<String> fileKeys;
    private final Set<String> variables;
    private final Set<String> asked = new ConcurrentSkipListSet<>();

    private Settings(SmallRyeConfig config, Set<String> fileKeys, Set<String> variables) {
        this.config = config;
        this.fileKeys = fileKeys;
        this.variables = variables;
    }

    /**
     * @param file the YAML file, or null for none
     * @param environment usually {@code System.getenv()}
     * @param overrides settings from the command line, by key
     * @throws SettingException if the file cannot be read
     */
    public static Settings load(Path file, Map<String, String> environment, Map<String, String> overrides) {
        SmallRyeConfigBuilder builder = new SmallRyeConfigBuilder();
        Map<String, String> fromFile = file == null ? Map.of() : read(file);
        builder.withSources(new PropertiesConfigSource(fromFile, "file " + file, 200));
        Map<String, String> ours = new LinkedHashMap<>();
        environment.forEach((name, value) -> {
            if (name.startsWith(ENVIRONMENT_PREFIX)) {
                ours.put(name.substring(ENVIRONMENT_PREFIX.length()), value);
            }
        });
        builder.withSources(new EnvConfigSource(ours, 300));
        builder.withSources(new PropertiesConfigSource(overrides, "command line", 400));
        return new Settings(builder.build(), Set.copyOf(fromFile.keySet()), Set.copyOf(ours.keySet()));
    }

    /** Settings from a map alone. */
    public static Settings of(Map<String, String> values) {
        return load(null, Map.of(), values);
    }

    /**
     * The same settings with others below them, which hold where nothing else is set.
     *
     * @param defaults values by key
     */
    public Settings withDefaults(Map<String, String> defaults) {
        return with(new PropertiesConfigSource(defaults, "defaults", 50));
    }

    /**
     * The same settings with others above them, which hold whatever else is set.
     *
     * @param overrides values by key
     */
    public Settings withOverrides(Map<String, String> overrides) {
        return with(new PropertiesConfigSource(overrides, "overrides", 500));
    }

    private Settings with(PropertiesConfigSource source) {
        SmallRyeConfigBuilder builder = new SmallRyeConfigBuilder();
        config.getConfigSources().forEach(builder::withSources);
        return new Settings(builder.withSources(source).build(), fileKeys, variables);
    }

    /** A key with dots of its own, such as Kafka's, may be written on one line or nested: it is the same key. */
    private static Map<String, String> read(Path file) {
        try {
            Map<String, String> values = new LinkedHashMap<>();
            new YamlConfigSource(file.toString(), Files.readString(file))
                    .getProperties()
                    .forEach((key, value) -> values.put(key.replace("\"", ""), value));
            return values;
        } catch (IOException e) {
            throw new SettingException("--config", "cannot read " + file, "a readable YAML file");
        } catch (RuntimeException e) {
            throw new SettingException(
                    "--config", file + " is not YAML (" + firstLine(e.getMessage()) + ")", "valid YAML");
        }
    }

    private static String firstLine(String text) {
        return text == null ? "no reason given" : text.lines().findFirst().orElse("");
    }

    /** The environment variable of a key. */
    public static String environmentName(String key) {
        return ENVIRONMENT_PREFIX + key.replaceAll("[^A-Za-z0-9]", "_").toUpperCase(Locale.ROOT);
    }

    /** The value, if one is set and not blank. */
    public Optional<String> optional(String key) {
        asked.add(key);
        return Optional.ofNullable(config.getConfigValue(key).getValue()).filter(value -> !value.isBlank());
    }

    /** The value, or the default where none is set. */
    public String string(String key, String byDefault) {
        return optional(key).orElse(byDefault);
    }

    /** The value, which must be set. */
    public String required(String key) {
        return optional(key).orElseThrow(() -> new SettingException(key, "not set", "a value"));
    }

    /** A whole number within bounds, both inclusive. */
    public int integer(String key, int byDefault, int min, int max) {
        return Math.toIntExact(number(key, byDefault, min, max));
    }

    /** A whole number within bounds, both inclusive. */
    public long number(String key, long byDefault, long min, long max) {
        String allowed = "a whole number from " + min + " to " + max;
        long value = parsed(key, allowed, Long::valueOf).orElse(byDefault);
        if (value < min || value > max) {
            throw new SettingException(key, "found " + value, allowed);
        }
        return value;
    }

    /** A TCP port; 0 asks the system for a free one. */
    public int port(String key, int byDefault) {
        return integer(key, byDefault, 0, 65_535);
    }

    /** {@code true} or {@code false}. */
    public boolean bool(String key, boolean byDefault) {
        return parsed(key, "true or false", text -> switch (text) {
                    case "true" -> true;
                    case "false" -> false;
                    default -> throw new IllegalArgumentException();
                })
                .orElse(byDefault);
    }

    /** A duration such as {@code 500ms}, {@code 30s}, {@code 5m}, {@code 12h}, {@code 7d} or ISO-8601 {@code PT5M}. */
    public Duration duration(String key, Duration byDefault) {
        return parsed(key, "a duration such as 500ms, 30s, 5m, 12h, 7d", Settings::parseDuration)
                .orElse(byDefault);
    }

    /** An absolute http or https URL, without a slash at its end. */
    public Optional<URI> url(String key) {
        return parsed(key, "an absolute http or https URL", text -> {
            URI uri = URI.create(text.endsWith("/") ? text.substring(0, text.length() - 1) : text);
            if (uri.getHost() == null || !("http".equals(uri.getScheme()) || "https".equals(uri.getScheme()))) {
                throw new IllegalArgumentException();
            }
            return uri;
        });
    }

    /** One of the constants of an enum, in lower case with hyphens. */
    public <E extends Enum<E>> E oneOf(String key, Class<E> type, E byDefault) {
        List<String> names = Arrays.stream(type.getEnumConstants())
                .map(constant -> constant.name().toLowerCase(Locale.ROOT).replace('_', '-'))
                .toList();
        return parsed(key, String.join(", ", names), text -> {
                    int index = names.indexOf(text);
                    if (index < 0) {
                        throw new IllegalArgumentException();
                    }
                    return type.getEnumConstants()[index];
                })
                .orElse(byDefault);
    }

    /** Comma-separated values, or a YAML list; empty where none is set. */
    public List<String> list(String key) {
        asked.add(key);
        return config.getOptionalValues(key, String.class).orElse(List.of());
    }

    /**
     * The names one level below a prefix, as the file and the command line give them: for {@code providers}, each
     * provider. (The environment cannot add names, as its own hold no hyphens or dots; it can set keys below them.)
     */
    public Set<String> names(String prefix) {
        Set<String> names = new TreeSet<>();
        for (String property : config.getPropertyNames()) {
            if (property.startsWith(prefix + ".") && isStructured(property)) {
                String rest = property.substring(prefix.length() + 1);
                names.add(rest.replaceFirst("(\\.|\\[\\d+]).*$", ""));
            }
        }
        return names;
    }

    /** What stands between a prefix and a last part of keys, dots of its own included: for {@code tenants}, each tenant. */
    public Set<String> names(String prefix, String lastPart) {
        Set<String> names = new TreeSet<>();
        int start = prefix.length() + 1;
        for (String property : config.getPropertyNames()) {
            int end = property.length() - lastPart.length() - 1;
            if (start < end && property.startsWith(prefix + ".") && property.endsWith("." + lastPart)) {
                names.add(property.substring(start, end));
            }
        }
        return names;
    }

    /** The keys of the entries of a YAML list of maps, in order: {@code alerting.silences[0]}; none where it is not set. */
    public List<String> entries(String key) {
        int entries = 0;
        for (String property : config.getPropertyNames()) {
            int end = property.startsWith(key + "[") ? property.indexOf(']', key.length()) : -1;
            if (end > 0) {
                entries = Math.max(entries, Integer.parseInt(property.substring(key.length() + 1, end)) + 1);
            }
        }
        return IntStream.range(0, entries)
                .mapToObj(entry -> key + "[" + entry + "]")
                .toList();
    }

    /** All settings below a prefix whose last part is free, e.g. tags of a key: name to value. */
    public Map<String, String> map(String prefix) {
        Map<String, String> map = new LinkedHashMap<>();
        for (String property : config.getPropertyNames()) {
            if (property.startsWith(prefix + ".") && isStructured(property)) {
                String rest = property.substring(prefix.length() + 1);
                String name =
                        rest.startsWith("\"") && rest.endsWith("\"") ? rest.substring(1, rest.length() - 1) : rest;
                optional(property).ifPresent(value -> map.put(name, value));
            }
        }
        return map;
    }

    private boolean isStructured(String property) {
        return fileKeys.contains(property) || !property.equals(property.toUpperCase(Locale.ROOT));
    }

    /**
     * Fails if the file or the environment sets a key, in a section that this process reads, that nobody asked for: a
     * misspelt setting must not silently leave a default in force.
     *
     * @param sections top-level names that this process owns
     */
    public void rejectUnknown(Set<String> sections) {
        for (String key : fileKeys) {
            int dot = key.indexOf('.');
            boolean ours = sections.contains(dot < 0 ? key : key.substring(0, dot));
            String withoutIndex = key.replaceAll("\\[\\d+]$", "");
            if (ours && !asked.contains(key) && !asked.contains(withoutIndex)) {
                throw new SettingException(key, "no such setting", "one that docs/configuration.md lists");
            }
        }
        Set<String> known = asked.stream().map(Settings::environmentName).collect(Collectors.toSet());
        for (String variable : variables) {
            String name = ENVIRONMENT_PREFIX + variable;
            boolean ours = sections.stream().anyMatch(section -> name.startsWith(environmentName(section) + "_"));
            if (ours && !known.contains(name)) {
                throw new SettingException(
                        name.substring(ENVIRONMENT_PREFIX.length())
                                .toLowerCase(Locale.ROOT)
                                .replace('_', '.'),
                        "the environment sets " + name + ", which is no setting, or one of an entry that the file does"
                                + " not name",
                        "one that docs/configuration.md lists");
            }
        }
    }

    private <T> Optional<T> parsed(String key, String allowed, Function<String, T> parser) {
        return optional(key).map(text -> {
            try {
                return parser.apply(text.strip());
            } catch (IllegalArgumentException | DateTimeParseException | ArithmeticException e) {
                throw new SettingException(key, "found '" + text + "'", allowed);
            }
        });
    }

    private static Duration parseDuration(String text) {
        if (text.startsWith("P")) {
            return Duration.parse(text);
        }
        String unit = text.replaceFirst("^[0-9]+", "");
        long amount = Long.parseLong(text.substring(0, text.length() - unit.length()));
        return switch (unit) {
            case "ms" -> Duration.ofMillis(amount);
            case "s" -> Duration.ofSeconds(amount);
            case "m" -> Duration.ofMinutes(amount);
            case "h" -> Duration.ofHours(amount);
            case "d" -> Duration.ofDays(amount);
            default -> throw new IllegalArgumentException();
        };
    }
}
